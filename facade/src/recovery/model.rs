//! Every sequence of events, up to a number of faults, against a model of a service: proves what the rules promise.
//!
//! The model's service sells once for each reference (or, without deduplication, each time), on two hosts that may lag. Requests may be
//! refused, lost on the way there or back, delivered twice, answered wrongly, or land late, even after the settle window (then the service's
//! own check of the reference is what holds). The process may be killed between and during all steps. What is proved of every path:
//!
//! - I1: sold at most once. I2: an end that says "no money moved" is never followed by a sale. I3: "vended" means sold exactly once.
//! - I4: once the faults stop, it ends within a bounded number of steps.
//! - I5: doubt never becomes "not sold" by time alone. I6: writes move between hosts only while nothing can have arrived.
//!
//! (That every attempt is journaled before it is sent, I7, is the driver's to keep, and is tested there.)

use std::rc::Rc;
use std::time::Duration;

use super::delivery::{Loss, Obstacle};
use super::machine::Known;
use super::verdict::{Advice, Denial, Doubt, Finding, Refusal, Vend, Verdict, Witness};
use super::{Action, Class, Conclusion, Facts, Host, Machine, Policy};
use crate::domain::Timestamp;

const STEPS_MAX: usize = 400;

#[derive(Clone)]
struct World {
    machine: Machine,
    facts: Facts,
    now: Timestamp,
    faults_left: u32,
    row: Option<Row>,
    sold: u32,
    /// Requests under way that land at the latest at this time.
    in_flight: Vec<Timestamp>,
    /// The host of every attempt that may have arrived.
    arrived_at: Vec<Host>,
    path: Path,
}

/// The steps that led here. Shared between the worlds that come of one another, since there are many of them.
#[derive(Clone, Default)]
struct Path {
    steps: usize,
    last: Option<Rc<(Path, String)>>,
}

impl Path {
    fn then(&self, what: &str) -> Self {
        Self {
            steps: self.steps + 1,
            last: Some(Rc::new((self.clone(), what.into()))),
        }
    }
}

impl std::fmt::Debug for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Some((before, what)) = self.last.as_deref() else {
            return Ok(());
        };
        writeln!(f, "{before:?}{}. {what}", self.steps)
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Row {
    Vended,
    Failed,
    Pending,
}

/// What the model's world does with one request, and what the client sees of it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Honest,
    ConnectionRefused,
    LostOnTheWay,
    LostOnTheWayBack,
    LandsLate,
    BusyBefore,
    BusyAfter,
    DeliveredTwice,
    DeliveredTwiceSlowly,
    TokenRefused,
    Denied,
    RefusedWithRow,
    RefusedWithoutRow,
    RefusedBySystem,
    RefusedOddly,
    Pending,
    PendingWithoutRow,
    KilledBefore,
    KilledAfter,
}

const FATES: [Fate; 18] = [
    Fate::ConnectionRefused,
    Fate::LostOnTheWay,
    Fate::LostOnTheWayBack,
    Fate::LandsLate,
    Fate::BusyBefore,
    Fate::BusyAfter,
    Fate::DeliveredTwice,
    Fate::DeliveredTwiceSlowly,
    Fate::TokenRefused,
    Fate::Denied,
    Fate::RefusedWithRow,
    Fate::RefusedWithoutRow,
    Fate::RefusedBySystem,
    Fate::RefusedOddly,
    Fate::Pending,
    Fate::PendingWithoutRow,
    Fate::KilledBefore,
    Fate::KilledAfter,
];

fn refusal() -> Refusal {
    Refusal {
        code: Some(9),
        message: "no".into(),
        advice: Advice::DoNotRetry,
    }
}

fn lost() -> Verdict {
    Verdict::Ambiguous(Doubt::Lost(Loss::Disconnected))
}

impl World {
    fn new(facts: Facts, faults: u32) -> Self {
        let now = Timestamp(1_000_000);
        Self {
            machine: Machine::new(facts, policy(), 1, Host(0), now),
            facts,
            now,
            faults_left: faults,
            row: None,
            sold: 0,
            in_flight: Vec::new(),
            arrived_at: Vec::new(),
            path: Path::default(),
        }
    }

    /// A request reaches the business layer; says what an honest answer is.
    fn land(&mut self) -> Verdict {
        match self.row {
            Some(_) if self.deduplicates() => Verdict::Ambiguous(Doubt::Duplicate),
            _ => {
                self.row = Some(Row::Vended);
                self.sold += 1;
                Verdict::Vended(Vend::default())
            }
        }
    }

    fn deduplicates(&self) -> bool {
        self.facts.class == Class::DedupEnquirable
    }

    fn land_all(&mut self) {
        for _ in 0..std::mem::take(&mut self.in_flight).len() {
            self.land();
        }
    }

    /// What a request to `host` meets; `None` if the process is killed on the way.
    fn send(&mut self, fate: Fate) -> Option<Verdict> {
        let known = self.row.is_some() && self.deduplicates();
        Some(match fate {
            Fate::Honest => self.land(),
            Fate::ConnectionRefused => Verdict::NotSent(Obstacle("refused".into())),
            Fate::TokenRefused => Verdict::TokenRefused,
            Fate::Denied => Verdict::Denied(Denial::SourceAddress),
            Fate::LostOnTheWay => lost(),
            Fate::LostOnTheWayBack => {
                self.land();
                lost()
            }
            Fate::LandsLate => {
                self.in_flight.push(self.now + policy().settle * 3 / 2);
                lost()
            }
            Fate::BusyBefore => Verdict::Ambiguous(Doubt::Busy { retry_after: None }),
            Fate::BusyAfter => {
                self.land();
                Verdict::Ambiguous(Doubt::Busy { retry_after: None })
            }
            // The answer to the second delivery comes back: a like sale was just made.
            Fate::DeliveredTwice => {
                self.land();
                Verdict::Refused(refusal(), Witness::Enquiry)
            }
            // The first delivery is still in work, and no enquiry shows it yet.
            Fate::DeliveredTwiceSlowly => {
                self.in_flight.push(self.now + policy().settle);
                Verdict::Refused(refusal(), Witness::Windows)
            }
            // A reference that the service knows is answered as a duplicate, before anything else is looked at.
            _ if known => Verdict::Ambiguous(Doubt::Duplicate),
            Fate::RefusedWithRow => {
                self.row = Some(Row::Failed);
                Verdict::Refused(refusal(), Witness::None)
            }
            Fate::RefusedWithoutRow => Verdict::Refused(refusal(), Witness::None),
            Fate::RefusedBySystem => Verdict::Refused(refusal(), Witness::Enquiry),
            Fate::RefusedOddly => Verdict::Refused(refusal(), Witness::Windows),
            Fate::Pending => {
                self.row = Some(Row::Pending);
                Verdict::Pending {
                    provider_reference: None,
                }
            }
            Fate::PendingWithoutRow => Verdict::Pending {
                provider_reference: None,
            },
            Fate::KilledBefore => return None,
            Fate::KilledAfter => {
                self.land();
                return None;
            }
        })
    }

    fn truth(&self) -> Finding {
        match self.row {
            None => Finding::NotSeen,
            Some(Row::Vended) => Finding::Vended(Vend::default()),
            Some(Row::Failed) => Finding::Failed(refusal()),
            Some(Row::Pending) => Finding::Pending {
                provider_reference: None,
            },
        }
    }

    fn killed(&mut self, host: Host) {
        // The journal holds what still waits for its witness.
        let refusal = self.machine.unwitnessed().cloned();
        let known = Known {
            used: Some(host),
            created_at: Timestamp(1_000_000),
            provider_reference: None,
            pending: false,
            refusal,
        };
        self.now = self.now + Duration::from_secs(1);
        self.machine = Machine::resume(self.facts, policy(), 2, known, self.now);
    }

    fn fault(&self, what: &str) -> Self {
        let mut world = self.clone();
        world.faults_left -= 1;
        world.path = world.path.then(what);
        world
    }

    fn honest(&self, what: &str) -> Self {
        let mut world = self.clone();
        world.path = world.path.then(what);
        world
    }

    /// Every world that can come of a send.
    fn after_send(&self, host: Host) -> Vec<Self> {
        let fates = FATES.iter().filter(|_| self.faults_left > 0);
        std::iter::once(&Fate::Honest)
            .chain(fates)
            .map(|&fate| {
                let what = format!("send {host:?}: {fate:?}");
                let mut world = if fate == Fate::Honest {
                    self.honest(&what)
                } else {
                    self.fault(&what)
                };
                let verdict = world.send(fate);
                world.now = world.now + Duration::from_secs(1);
                if verdict
                    .as_ref()
                    .is_none_or(|verdict| !verdict.never_arrived())
                {
                    assert!(
                        world.arrived_at.iter().all(|earlier| *earlier == host),
                        "I6: {:#?}",
                        world.path
                    );
                    assert!(
                        world.deduplicates() || world.arrived_at.is_empty(),
                        "sent again without deduplication: {:#?}",
                        world.path
                    );
                    world.arrived_at.push(host);
                }
                match verdict {
                    Some(verdict) => world.machine.sent(host, verdict, world.now),
                    None => world.killed(host),
                }
                world
            })
            .collect()
    }

    /// Every world that can come of an enquiry: the truth, no answer, a host that lags, a kill.
    fn after_enquiry(&self, host: Host) -> Vec<Self> {
        let ask = |mut world: Self, finding: Finding| {
            let asked_at = world.now;
            world.now = world.now + Duration::from_millis(50);
            world.machine.enquired(host, finding, asked_at, world.now);
            world
        };
        let mut worlds = vec![ask(
            self.honest(&format!("enquire {host:?}: {:?}", self.truth())),
            self.truth(),
        )];
        if self.faults_left > 0 {
            worlds.push(ask(
                self.fault(&format!("enquire {host:?}: no answer")),
                Finding::Inconclusive(String::new()),
            ));
            if self.row.is_some() && !self.arrived_at.contains(&host) {
                worlds.push(ask(
                    self.fault(&format!("enquire {host:?}: lags")),
                    Finding::NotSeen,
                ));
            }
            let mut killed = self.fault("killed");
            killed.killed(self.arrived_at.last().copied().unwrap_or(Host(0)));
            worlds.push(killed);
        }
        worlds
    }

    /// Every world after a wait: what is under way lands now, or later if it still may; what is pending comes to its end.
    fn after_wait(&self, until: Timestamp) -> Vec<Self> {
        let mut later = self.honest(&format!("wait until {until:?}"));
        later.now = until;
        let mut worlds = Vec::new();
        if self.row == Some(Row::Pending) {
            let mut vended = later.honest("pending becomes vended");
            (vended.row, vended.sold) = (Some(Row::Vended), 1);
            let mut failed = later.honest("pending becomes failed");
            failed.row = Some(Row::Failed);
            worlds.extend([vended, failed]);
        }
        if !later.in_flight.is_empty() {
            let mut landed = later.honest("what was under way lands");
            landed.land_all();
            worlds.push(landed);
        }
        if later.in_flight.iter().all(|latest| until < *latest) && self.row != Some(Row::Pending) {
            worlds.push(later);
        }
        worlds
    }

    fn check_end(&mut self, conclusion: &Conclusion) {
        // Whatever is still under way lands in the end.
        let finished_with = self.sold;
        self.land_all();
        let path = &self.path;
        match conclusion {
            Conclusion::Vended(_) => {
                assert_eq!((finished_with, self.sold), (1, 1), "I3: {path:?}")
            }
            Conclusion::Pending | Conclusion::Unresolved(_) => {
                assert!(self.sold <= 1, "I1: {path:?}")
            }
            _ => assert_eq!(self.sold, 0, "I2, I5: told {conclusion:?}: {path:?}"),
        }
    }
}

fn policy() -> Policy {
    Policy {
        connect_tries_max: 3,
        ..Policy::default()
    }
}

fn facts(hosts: u8, class: Class) -> Facts {
    let history = Duration::from_secs(6 * 24 * 3600);
    Facts {
        hosts,
        class,
        history,
        history_by_provider_reference: history * 4,
    }
}

/// Walks every path; returns how many ended in which way.
fn explore(facts: Facts, faults: u32) -> std::collections::BTreeMap<&'static str, u64> {
    let mut ends = std::collections::BTreeMap::new();
    let mut worlds = vec![World::new(facts, faults)];
    while let Some(mut world) = worlds.pop() {
        assert!(
            world.path.steps < STEPS_MAX,
            "I4: no end: {:#?}",
            world.path
        );
        assert!(world.sold <= 1, "I1: sold twice: {:?}", world.path);
        match world.machine.next(world.now, world.now) {
            Action::Send(host) => worlds.extend(world.after_send(host)),
            Action::Enquire(host) => {
                let blind = world.facts.class == Class::Blind;
                assert!(!blind, "asked what nobody can tell: {:#?}", world.path);
                worlds.extend(world.after_enquiry(host));
            }
            Action::Wait(until) => {
                assert!(
                    until > world.now,
                    "a wait that does not wait: {:#?}",
                    world.path
                );
                worlds.extend(world.after_wait(until));
            }
            Action::Finish(conclusion) => {
                world.check_end(&conclusion);
                *ends.entry(conclusion.word()).or_default() += 1;
            }
        }
    }
    ends
}

#[test]
fn nothing_is_sold_twice_or_told_wrong_on_any_path_with_four_faults() {
    for hosts in [1, 2] {
        let ends = explore(facts(hosts, Class::DedupEnquirable), 4);
        // The walk is worth something only if it met every kind of end.
        for end in ["vended", "refused", "not_sent", "denied", "unresolved"] {
            assert!(
                ends.get(end).is_some_and(|paths| *paths > 0),
                "{hosts} hosts: {ends:?}"
            );
        }
    }
}

#[test]
fn without_deduplication_nothing_is_sent_again_on_any_path() {
    let ends = explore(facts(2, Class::EnquirableOnly), 3);
    assert!(
        ends.get("unresolved").is_some_and(|paths| *paths > 0),
        "{ends:?}"
    );
}

#[test]
fn what_no_enquiry_finds_is_sent_once_and_never_told_as_failed_once_it_is_in_doubt() {
    for hosts in [1, 2] {
        let ends = explore(facts(hosts, Class::Blind), 4);
        // Pending is a doubt like any other: nothing will ever say how it ended.
        let told: Vec<_> = ends.keys().copied().collect();
        assert_eq!(
            told,
            ["denied", "not_sent", "refused", "unresolved", "vended"],
            "{ends:?}"
        );
    }
}

#[test]
fn once_the_faults_stop_every_path_ends() {
    for hosts in [1, 2] {
        let ends = explore(facts(hosts, Class::DedupEnquirable), 2);
        let open: u64 = ["pending", "unresolved"]
            .iter()
            .filter_map(|end| ends.get(end))
            .sum();
        assert_eq!(open, 0, "{ends:?}");
    }
}
