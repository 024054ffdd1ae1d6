//! The service's hosts, in the order in which they were given.

use std::sync::Arc;

use reqwest::Url;

use super::health::Health;
use crate::error::Invalid;
use crate::recovery::Host;

/// No service has more; a bound keeps a mistaken configuration small.
const HOSTS_MAX: usize = 8;

/// The base URLs of a service, and how its hosts fare.
#[derive(Clone, Debug)]
pub(crate) struct Hosts {
    bases: Arc<[Arc<str>]>,
    pub(crate) health: Arc<Health>,
}

impl Hosts {
    pub(crate) fn new<S: AsRef<str>>(
        base_urls: impl IntoIterator<Item = S>,
    ) -> Result<Self, Invalid> {
        let hosts: Vec<Arc<str>> = base_urls
            .into_iter()
            .map(|url| check(url.as_ref()))
            .collect::<Result<_, _>>()?;
        if hosts.is_empty() || hosts.len() > HOSTS_MAX {
            return Err(Invalid::new(
                "base_url",
                "must be given once for each host, one to eight times",
            ));
        }
        if (1..hosts.len()).any(|place| hosts[..place].contains(&hosts[place])) {
            return Err(Invalid::new(
                "base_url",
                "must not name a host twice: each stands for a witness of its own",
            ));
        }
        Ok(Self {
            health: Arc::new(Health::new(hosts.len() as u8)),
            bases: hosts.into(),
        })
    }

    pub(crate) fn count(&self) -> u8 {
        self.bases.len() as u8
    }

    /// Whether any of them is spoken to without TLS.
    pub(crate) fn in_the_clear(&self) -> bool {
        self.bases.iter().any(|base| base.starts_with("http:"))
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (Host, &str)> {
        (0..).map(Host).zip(self.bases.iter().map(AsRef::as_ref))
    }

    /// The name of a host in the journal: its base URL.
    pub(crate) fn name(&self, host: Host) -> Arc<str> {
        let base = self.bases.get(usize::from(host.0));
        base.map_or_else(Arc::default, Arc::clone)
    }

    /// The host with a name.
    pub(crate) fn named(&self, name: &str) -> Option<Host> {
        self.all()
            .find(|(_, base)| *base == name)
            .map(|(host, _)| host)
    }

    /// The same resource on another host. The bindings build every URL upon the first.
    pub(crate) fn relocate(&self, url: &Url, host: Host) -> Option<Url> {
        let path = url.as_str().strip_prefix(self.bases.first()?.as_ref())?;
        let base = self.bases.get(usize::from(host.0))?;
        format!("{base}{path}").parse().ok()
    }
}

fn check(text: &str) -> Result<Arc<str>, Invalid> {
    let invalid = |rule| Invalid::new("base_url", rule);
    let url: Url = text
        .parse()
        .map_err(|_| invalid("must be a URL such as https://host:8100/webservice"))?;
    let Some(host) = url.host() else {
        return Err(invalid("must name a host"));
    };
    let loopback = match host {
        url::Host::Domain(name) => name == "localhost",
        url::Host::Ipv4(address) => address.is_loopback(),
        url::Host::Ipv6(address) => address.is_loopback(),
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
        return Err(invalid(
            "must be https: credentials go to no other machine in the clear",
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("must not hold credentials"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid("must not hold a query or a fragment"));
    }
    Ok(url.as_str().trim_end_matches('/').into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_refused_except_to_this_machine() {
        for good in [
            "http://127.0.0.1:1/webservice",
            "http://[::1]:1/",
            "http://localhost",
            "https://api1.smartcall.co.za:8100/webservice",
        ] {
            assert!(Hosts::new([good]).is_ok(), "{good}");
        }
        for bad in [
            "http://api1.smartcall.co.za:8100/webservice",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "ftp://127.0.0.1",
            "api1.smartcall.co.za",
            "",
            "https://user:secret@host/",
            "https://host/?q",
            "https://host/#f",
        ] {
            assert_eq!(
                Hosts::new([bad])
                    .map(|_| ())
                    .map_err(|refused| refused.field()),
                Err("base_url"),
                "{bad}"
            );
        }
        assert!(Hosts::new([""; 0]).is_err());
        assert!(Hosts::new((0..9).map(|n| format!("https://h{n}"))).is_err());
        assert!(Hosts::new(["https://h/", "https://h"]).is_err());
    }

    #[test]
    fn a_resource_moves_to_another_host_with_its_path_and_query() {
        let hosts = Hosts::new(["https://a:1/webservice/", "https://b:2/other"]).expect("hosts");
        let url = "https://a:1/webservice/smartload/x%2Fy?z=1"
            .parse()
            .expect("url");
        assert_eq!(
            hosts.relocate(&url, Host(1)).map(String::from),
            Some("https://b:2/other/smartload/x%2Fy?z=1".to_owned())
        );
        assert_eq!(hosts.relocate(&url, Host(2)), None);
    }
}
