//! The command line.

use std::path::PathBuf;

use recharge_spec::Api;

/// How to use the command.
pub const USAGE: &str = "\
usage: cargo xtask refresh-spec [smartcall|hot] [--url URL | --file PATH] [--user USER] [--ca-cert FILE]
                                [--check] [--report FILE]... [--accept]

    --url URL        where to pull from; Smartcall has defaults, HOT has none
    --file PATH      takes a file instead of pulling
    --user USER      basic authentication; the password comes from REFRESH_SPEC_PASSWORD
    --ca-cert FILE   a root certificate to trust besides those of the system (PEM or DER)
    --check          writes nothing; exit code 1 when the served document differs, 2 when it cannot be had
    --report FILE    also writes the report there: JSON if FILE ends in .json, else Markdown; may be given twice
    --accept         does not ask before writing";

/// What the command was asked to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Options {
    /// The service.
    pub api: Api,
    /// Where to pull from instead of the defaults.
    pub url: Option<String>,
    /// What to read instead of pulling.
    pub file: Option<PathBuf>,
    /// Who asks.
    pub user: Option<String>,
    /// A root certificate to trust as well.
    pub ca_cert: Option<PathBuf>,
    /// Whether to write nothing.
    pub check: bool,
    /// Where to write the report.
    pub reports: Vec<PathBuf>,
    /// Whether to write without asking.
    pub accept: bool,
}

impl Options {
    /// The defaults for a service.
    pub fn of(api: Api) -> Self {
        Self {
            api,
            url: None,
            file: None,
            user: None,
            ca_cert: None,
            check: false,
            reports: Vec::new(),
            accept: false,
        }
    }

    /// Reads the arguments.
    ///
    /// # Errors
    /// When they are not what [`USAGE`] says.
    pub fn parse(arguments: &[&str]) -> Result<Self, String> {
        let mut options = Self::of(Api::Smartcall);
        let mut named = false;
        let mut rest = arguments.iter().copied();
        while let Some(argument) = rest.next() {
            let (name, inline) = match argument.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(value)),
                _ => (argument, None),
            };
            let mut value = || {
                let value = inline
                    .or_else(|| rest.next())
                    .filter(|value| !value.is_empty());
                value
                    .map(str::to_owned)
                    .ok_or(format!("{name} needs a value"))
            };
            match name {
                "--url" => options.url = Some(value()?),
                "--file" => options.file = Some(value()?.into()),
                "--user" => options.user = Some(value()?),
                "--ca-cert" => options.ca_cert = Some(value()?.into()),
                "--report" => options.reports.push(value()?.into()),
                "--check" if inline.is_none() => options.check = true,
                "--accept" if inline.is_none() => options.accept = true,
                _ => {
                    let api = Api::ALL.into_iter().find(|api| api.name() == argument);
                    match api {
                        Some(api) if !named => options.api = api,
                        _ => return Err(format!("{argument} is not understood")),
                    }
                    named = true;
                }
            }
        }
        options.consistent()
    }

    fn consistent(self) -> Result<Self, String> {
        if self.url.is_some() && self.file.is_some() {
            return Err("--url and --file exclude each other".into());
        }
        if self.check && self.accept {
            return Err("--check writes nothing, so there is nothing to --accept".into());
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn without_arguments_it_is_about_smartcall() {
        assert_eq!(Options::parse(&[]), Ok(Options::of(Api::Smartcall)));
    }

    #[test]
    fn values_follow_or_are_joined_by_an_equals_sign() {
        let apart = Options::parse(&["hot", "--url", "https://a.example", "--check"]).unwrap();
        let joined = Options::parse(&["--url=https://a.example", "--check", "hot"]).unwrap();
        assert_eq!(apart, joined);
        assert!(apart.check);
    }

    #[test]
    fn the_report_can_be_had_in_both_forms() {
        let options = Options::parse(&["--report", "a.md", "--report", "a.json"]).unwrap();
        assert_eq!(options.reports.len(), 2);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for wrong in [
            &["--pasword", "x"][..],
            &["--url"],
            &["hot", "smartcall"],
            &["--check", "--accept"],
        ] {
            assert!(Options::parse(wrong).is_err(), "{wrong:?}");
        }
        assert!(Options::parse(&["--file", "a", "--url", "b"]).is_err());
    }
}
