//! The synchronous recharge, `POST /smartload/v2/recharges` (chapter 10 g): how it is sent. What its answer means is in `classify`, what
//! happens then in [`crate::recovery`].
//!
//! Class: for mobile products the service refuses a reference that it has seen (code 1001, chapter 10 g of version 1.2.15), so rule Q may
//! send it again. Nothing says so of electricity, which stays asynchronous here too: it is enquired about only.

use std::sync::Arc;

use recharge_bindings::smartcall::{Client as Bindings, types};

use super::classify::{ELECTRICITY, classify};
use super::login::Login;
use super::order::Options;
use super::{enquiries, reading};
use crate::auth::NoToken;
use crate::driver::Provider;
use crate::journal::Intent;
use crate::recovery::{Class, Delivery, Facts, Finding, Host, Obstacle, Verdict};
use crate::transport::delivery::{Answer, Body, delivery};
use crate::transport::line::Lines;

/// Sends recharges and asks about them.
pub(super) struct Recharges {
    pub(super) lines: Arc<Lines<Login>>,
    /// The bindings pinned to each host.
    pub(super) hosts: Vec<Bindings>,
}

impl Provider for Recharges {
    fn facts(&self, intent: &Intent) -> Facts {
        Facts {
            hosts: self.lines.hosts.count(),
            class: class(intent.product),
            history: enquiries::HISTORY,
            history_by_provider_reference: enquiries::HISTORY_BY_SMARTLOAD_REFERENCE,
        }
    }

    fn host_name(&self, host: Host) -> &str {
        self.lines.hosts.name(host)
    }

    fn host_named(&self, name: &str) -> Option<Host> {
        self.lines.hosts.named(name)
    }

    async fn ready(&self, host: Host) -> Result<(), Verdict> {
        self.lines
            .tokens
            .get(host)
            .await
            .map(drop)
            .map_err(|error| match error {
                NoToken::Denied(denial) => Verdict::Denied(denial),
                NoToken::Unreachable(obstacle) => Verdict::NotSent(obstacle),
            })
    }

    async fn send(&self, intent: &Intent, host: Host) -> Verdict {
        let (Some(bindings), Ok(request)) = (self.hosts.get(usize::from(host.0)), request(intent))
        else {
            return Verdict::NotSent(Obstacle("the journal's row cannot be sent".into()));
        };
        let token = self.lines.tokens.get(host).await.ok();
        let answer = delivery(bindings.create_sync_recharge(&request).await).await;
        match (&answer, token) {
            (
                Delivery::Answered(Answer {
                    status: 401,
                    body: Body::Raw(body),
                    ..
                }),
                Some(token),
            ) => {
                self.lines
                    .tokens
                    .unauthorised(host, token.expose(), body)
                    .await;
            }
            (Delivery::Answered(_), Some(token)) => token.worked(),
            _ => {}
        }
        classify(answered(answer, reading::sale), intent.product)
    }

    async fn enquire(
        &self,
        intent: &Intent,
        smartload_reference: Option<&str>,
        host: Host,
    ) -> Finding {
        let Some(bindings) = self.hosts.get(usize::from(host.0)) else {
            return Finding::Inconclusive("there is no such host".into());
        };
        enquiries::enquire(&self.lines, bindings, intent, smartload_reference, host).await
    }
}

/// The same delivery, with its answer read.
pub(super) fn answered<A, B>(delivery: Delivery<A>, read: impl FnOnce(A) -> B) -> Delivery<B> {
    match delivery {
        Delivery::NotSent(obstacle) => Delivery::NotSent(obstacle),
        Delivery::MaybeSent(loss) => Delivery::MaybeSent(loss),
        Delivery::Answered(answer) => Delivery::Answered(read(answer)),
    }
}

/// The request, from what the journal keeps. Members that are not needed are left out: `smsProviderIdentifier` "should only be populated" for a
/// branded SMS, and `airtimeNetworkAutoCorrect` is sent only when it is wanted.
fn request(intent: &Intent) -> Result<types::SyncRechargeRequest, serde_json::Error> {
    let options: Options = serde_json::from_str(&intent.options)?;
    let (account, reference) = (intent.account.clone(), intent.reference.to_string());
    let mut request =
        types::SyncRechargeRequest::new(intent.amount, reference, intent.product.into(), account);
    request.sms_recipient_msisdn = intent.target.clone().into();
    request.device_id = intent.target.clone().into();
    request.send_sms = options.sms_provider.is_some().into();
    request.sms_provider_identifier = options.sms_provider.into();
    request.airtime_network_auto_correct = options.network_auto_correct.then_some(true).into();
    Ok(request)
}

fn class(product: u32) -> Class {
    if ELECTRICITY.contains(&product) {
        Class::EnquirableOnly
    } else {
        Class::DedupEnquirable
    }
}
