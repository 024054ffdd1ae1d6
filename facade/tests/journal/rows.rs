//! What every journal does with its rows.

use std::sync::Arc;
use std::time::Duration;

use recharge::Timestamp;
use recharge::journal::{Arrived, Begun, End, Ending, Entry, Intent, JournalError, Note, Which};
use recharge::recovery::{Advice, Refusal};

use crate::*;

#[tokio::test]
async fn a_sale_is_recorded_with_its_first_attempt_and_read_as_it_was() {
    for (journal, _folder) in journals() {
        assert!(journal.read(key("r")).await.unwrap().is_none());
        assert_eq!(
            journal.begin(intent("r"), attempt(1, 1, 7)).await.unwrap(),
            Begun::Recorded
        );
        assert_eq!(
            row(&*journal, "r").await,
            Entry::new(intent("r"), attempt(1, 1, 7))
        );
        assert_eq!(row(&*journal, "r").await.intent.amount.to_string(), "29.50");
    }
}

#[tokio::test]
async fn a_reference_that_is_there_is_given_back_and_nothing_is_written() {
    for (journal, _folder) in journals() {
        journal.begin(intent("r"), attempt(1, 0, 7)).await.unwrap();
        let other = Intent {
            amount: "30".parse().unwrap(),
            ..intent("r")
        };
        for again in [intent("r"), other] {
            let begun = journal.begin(again, attempt(1, 1, 9)).await.unwrap();
            assert_eq!(
                begun,
                Begun::Exists(Box::new(Entry::new(intent("r"), attempt(1, 0, 7))))
            );
        }
        assert_eq!(row(&*journal, "r").await.attempts, [attempt(1, 0, 7)]);
    }
}

#[tokio::test]
async fn an_end_is_for_ever() {
    for (journal, _folder) in journals() {
        for ending in [Ending::Vended, Ending::Refused, Ending::Cancelled] {
            let name = format!("{ending:?}");
            journal
                .begin(intent(&name), attempt(1, 0, 7))
                .await
                .unwrap();
            let ended = Note::End(end(ending, 8));
            journal.write(key(&name), ended.clone()).await.unwrap();
            let before = row(&*journal, &name).await;
            for late in [
                Note::End(end(Ending::NotSent, 9)),
                Note::Pending {
                    provider_reference: None,
                },
                Note::Attempt {
                    previous: Arrived::No,
                    attempt: attempt(2, 1, 9),
                },
            ] {
                let written = journal.write(key(&name), late.clone()).await;
                assert!(matches!(written, Err(JournalError::NotOpen)), "{late:?}");
            }
            let begun = journal
                .begin(intent(&name), attempt(1, 1, 9))
                .await
                .unwrap();
            assert_eq!(begun, Begun::Exists(Box::new(before)));
            // What the service calls the sale may be learnt late.
            journal
                .write(key(&name), Note::ProviderReference("4711".into()))
                .await
                .unwrap();
            let end = row(&*journal, &name).await.end.unwrap();
            assert_eq!(
                (end.ending, end.provider_reference.as_deref()),
                (ending, Some("4711"))
            );
        }
    }
}

#[tokio::test]
async fn a_refusal_and_a_pending_note_replace_each_other() {
    let refusal = Refusal {
        code: Some(9),
        message: "no".into(),
        advice: Advice::DoNotRetry,
    };
    for (journal, _folder) in journals() {
        journal.begin(intent("r"), attempt(1, 0, 7)).await.unwrap();
        journal
            .write(key("r"), Note::Refused(refusal.clone()))
            .await
            .unwrap();
        let refused = row(&*journal, "r").await;
        assert_eq!(
            (refused.refusal, refused.pending),
            (Some(refusal.clone()), false)
        );
        journal
            .write(
                key("r"),
                Note::Pending {
                    provider_reference: None,
                },
            )
            .await
            .unwrap();
        let pending = row(&*journal, "r").await;
        assert_eq!((pending.refusal, pending.pending), (None, true));
    }
}

#[tokio::test]
async fn accounts_do_not_share_references() {
    for (journal, _folder) in journals() {
        journal.begin(intent("r"), attempt(1, 0, 7)).await.unwrap();
        let other = Intent {
            account: "27830000002".into(),
            ..intent("r")
        };
        assert_eq!(
            journal.begin(other, attempt(1, 0, 7)).await.unwrap(),
            Begun::Recorded
        );
    }
}

#[tokio::test]
async fn a_sale_that_was_never_sent_begins_anew_but_only_with_the_same_order() {
    for (journal, _folder) in journals() {
        journal.begin(intent("r"), attempt(1, 0, 7)).await.unwrap();
        let further = Note::Attempt {
            previous: Arrived::No,
            attempt: attempt(2, 1, 8),
        };
        journal.write(key("r"), further).await.unwrap();
        journal
            .write(key("r"), Note::End(end(Ending::NotSent, 9)))
            .await
            .unwrap();
        let other = Intent {
            target: "27829999999".into(),
            ..intent("r")
        };
        assert!(matches!(
            journal.begin(other, attempt(1, 0, 10)).await.unwrap(),
            Begun::Exists(_)
        ));
        let later = Intent {
            created_at: Timestamp(10),
            ..intent("r")
        };
        assert_eq!(
            journal
                .begin(later.clone(), attempt(1, 1, 11))
                .await
                .unwrap(),
            Begun::Recorded
        );
        assert_eq!(
            row(&*journal, "r").await,
            Entry::new(later, attempt(1, 1, 11))
        );
    }
}

#[tokio::test]
async fn a_further_attempt_says_what_became_of_the_one_before() {
    for (journal, _folder) in journals() {
        journal.begin(intent("r"), attempt(1, 0, 7)).await.unwrap();
        for (previous, number) in [(Arrived::No, 2), (Arrived::Maybe, 3), (Arrived::No, 4)] {
            let further = Note::Attempt {
                previous,
                attempt: attempt(number, 1, u64::from(number)),
            };
            journal.write(key("r"), further).await.unwrap();
        }
        let row = row(&*journal, "r").await;
        let told: Vec<_> = row.attempts.iter().map(|attempt| attempt.arrived).collect();
        assert_eq!(
            told,
            [
                Some(Arrived::No),
                Some(Arrived::Maybe),
                Some(Arrived::No),
                None
            ]
        );
        assert_eq!(row.in_doubt().map(|attempt| attempt.number), Some(4));
    }
}

#[tokio::test]
async fn a_pending_sale_keeps_the_services_reference_once_it_is_known() {
    for (journal, _folder) in journals() {
        journal.begin(intent("r"), attempt(1, 0, 7)).await.unwrap();
        for (given, kept) in [
            (None, None),
            (Some("4711"), Some("4711")),
            (None, Some("4711")),
        ] {
            let note = Note::Pending {
                provider_reference: given.map(str::to_owned),
            };
            journal.write(key("r"), note).await.unwrap();
            let row = row(&*journal, "r").await;
            assert!(row.pending && row.end.is_none());
            assert_eq!(row.provider_reference.as_deref(), kept);
        }
        journal
            .write(key("r"), Note::End(end(Ending::Vended, 8)))
            .await
            .unwrap();
        assert_eq!(
            row(&*journal, "r").await.provider_reference.as_deref(),
            Some("4711")
        );
    }
}

#[tokio::test]
async fn each_end_is_read_as_it_was_written() {
    let advices = [
        None,
        Some(Advice::NewReference),
        Some(Advice::DoNotRetry),
        Some(Advice::Configuration),
        Some(Advice::NewReferenceAfter(Duration::from_secs(300))),
    ];
    for (journal, _folder) in journals() {
        for (n, advice) in advices.into_iter().enumerate() {
            for ending in [
                Ending::Vended,
                Ending::Refused,
                Ending::Cancelled,
                Ending::NotSent,
            ] {
                let reference = format!("r-{n}-{ending:?}");
                journal
                    .begin(intent(&reference), attempt(1, 0, 7))
                    .await
                    .unwrap();
                let written = End {
                    ending,
                    provider_reference: Some("4711".into()),
                    balance: Some("-99574.7500".parse().unwrap()),
                    code: Some(-16),
                    message: "Geen geld nie 💸 'quoted'; --".into(),
                    advice,
                    at: Timestamp(12),
                };
                journal
                    .write(key(&reference), Note::End(written.clone()))
                    .await
                    .unwrap();
                let read = row(&*journal, &reference).await.end.unwrap();
                assert_eq!(read, written);
                assert_eq!(read.balance.unwrap().to_string(), "-99574.7500");
            }
        }
    }
}

#[tokio::test]
async fn nothing_can_be_added_to_a_row_that_is_not_there() {
    for (journal, _folder) in journals() {
        for note in [
            Note::Pending {
                provider_reference: None,
            },
            Note::End(end(Ending::Vended, 8)),
            Note::Attempt {
                previous: Arrived::No,
                attempt: attempt(2, 0, 8),
            },
        ] {
            assert!(
                matches!(
                    journal.write(key("r"), note.clone()).await,
                    Err(JournalError::NotOpen)
                ),
                "{note:?}"
            );
        }
        assert!(journal.read(key("r")).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn rows_are_listed_in_pages_and_open_ones_by_themselves() {
    for (journal, _folder) in journals() {
        for n in 0..10 {
            let reference = format!("r{n}");
            journal
                .begin(intent(&reference), attempt(1, 0, n))
                .await
                .unwrap();
            if n % 2 == 0 {
                journal
                    .write(key(&reference), Note::End(end(Ending::Vended, n)))
                    .await
                    .unwrap();
            }
        }
        assert_eq!(
            references(&*journal, Which::All, None, 4).await,
            ["r0", "r1", "r2", "r3"]
        );
        assert_eq!(
            references(&*journal, Which::All, Some("r3"), 4).await,
            ["r4", "r5", "r6", "r7"]
        );
        assert_eq!(
            references(&*journal, Which::All, Some("r7"), 4).await,
            ["r8", "r9"]
        );
        assert!(
            references(&*journal, Which::All, Some("r9"), 4)
                .await
                .is_empty()
        );
        assert_eq!(
            references(&*journal, Which::Open, None, 3).await,
            ["r1", "r3", "r5"]
        );
        assert_eq!(
            references(&*journal, Which::Open, Some("r5"), 3).await,
            ["r7", "r9"]
        );
        assert_eq!(
            references(&*journal, Which::Open, Some("r4"), usize::MAX).await,
            ["r5", "r7", "r9"]
        );
        let rows = journal.list(Which::All, None, 1).await.unwrap();
        assert_eq!(rows[0].attempts.len(), 1, "with their attempts");
    }
}

#[tokio::test]
async fn a_hundred_tasks_that_begin_the_same_sale_record_it_once() {
    for (journal, _folder) in journals() {
        let tasks: Vec<_> = (0..100)
            .map(|n| {
                let journal = Arc::clone(&journal);
                tokio::spawn(
                    async move { journal.begin(intent("r"), attempt(1, 0, n)).await.unwrap() },
                )
            })
            .collect();
        let mut recorded = 0;
        for task in tasks {
            recorded += usize::from(task.await.unwrap() == Begun::Recorded);
        }
        assert_eq!(recorded, 1);
    }
}
