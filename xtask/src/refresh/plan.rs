//! All that a new document means, worked out before anything is written.

use std::collections::BTreeSet;
use std::path::Path;

use recharge_spec::diff::{Change, diff};
use recharge_spec::report::{Action, Entry, Reaches, Report, Source, Stop};
use recharge_spec::{Effect, Overlay, corrected, emit, grade, normalise, read};
use serde_json::Value;

use super::fetch::Pulled;
use super::save::{File, Saved, sha256, version};
use super::surface::{self, Item, Surface};
use super::touch::{Touch, actions};
use super::uses::Sources;
use super::{Error, keep};

/// What to report, and what to write.
pub(super) struct Plan {
    pub(super) report: Report,
    /// The lock last.
    pub(super) files: Vec<File>,
}

/// One of the two documents, at each stage.
struct Stages {
    /// As it was written.
    written: Value,
    /// As OpenAPI 3.0.
    openapi: Value,
    /// With the overlay.
    corrected: Value,
    undefined: Vec<String>,
}

impl Stages {
    fn of(document: &[u8], overlay: &str) -> Result<Self, recharge_spec::Error> {
        let parsed = read(document)?;
        let corrected = corrected(document, overlay.as_bytes())?;
        Ok(Self {
            written: parsed.value().clone(),
            openapi: parsed.into_openapi()?,
            corrected: corrected.openapi,
            undefined: corrected.undefined,
        })
    }
}

impl Plan {
    pub(super) fn make(root: &Path, saved: &Saved, pulled: &Pulled) -> Result<Self, Error> {
        let refused = |error: recharge_spec::Error| Error::Refused {
            from: pulled.name().to_owned(),
            reason: error.to_string(),
        };
        let spoiled = |error: recharge_spec::Error| Error::saved("what is saved", error);
        let sources = Sources::read(root, saved.api);
        let own_overlay = keep::without(&saved.overlay);
        let old = Stages::of(&saved.document, &saved.overlay).map_err(spoiled)?;
        // First by itself, so that a bad document is told from an overlay that does not fit.
        read(&pulled.bytes)
            .and_then(recharge_spec::Document::into_openapi)
            .map_err(refused)?;
        let unfit = |error| Error::saved("the overlay with the new document", error);
        let plain = Stages::of(&pulled.bytes, &own_overlay).map_err(unfit)?;
        let keeping = keep::find(&old.corrected, &plain.corrected, &sources);
        let overlay = keep::with(&own_overlay, &keeping);
        let kept = Stages::of(&pulled.bytes, &overlay).map_err(unfit)?;

        let bindings = emit::bindings(&kept.corrected, &emit::Options::default());
        let bindings = bindings.map_err(|error| Error::Bindings(error.to_string()))?;
        let mocks = emit::mocks(&kept.corrected, saved.api.name());
        let mocks = mocks.map_err(|error| Error::Bindings(error.to_string()))?;
        let before = surface::read(&saved.code)
            .map_err(|error| Error::saved("the generated bindings", error))?;
        let after = surface::read(&bindings.code).map_err(Error::Bindings)?;

        let effects = |overlay: &str, document: &Value| {
            Overlay::read(overlay.as_bytes())
                .and_then(|overlay| overlay.effects(document))
                .map_err(unfit)
        };
        let now = effects(&own_overlay, &plain.openapi)?;
        let was = effects(&own_overlay, &old.openapi)?;
        let touch = Touch {
            sources: &sources,
            documents: [&old.openapi, &plain.openapi],
            old: &before,
        };
        let raw = diff(&old.openapi, &plain.openapi);
        let grading =
            grade::is_reconstruction(&old.openapi) && !grade::is_reconstruction(&plain.openapi);
        let report = Report {
            service: saved.api.name().to_owned(),
            old: source(
                &old,
                &saved.document,
                saved.lock.as_ref().and_then(|lock| lock.url.clone()),
            ),
            new: source(&plain, &pulled.bytes, pulled.url.clone()),
            grading: grading.then(|| grade::grade(&old.openapi, &raw)),
            changes: entries(
                raw,
                diff(&old.corrected, &plain.corrected),
                &touch,
                &was,
                &now,
            ),
            overlay_unmatched: named(&now, |effect| effect.matched.is_empty()),
            overlay_unnecessary: named(&now, |effect| {
                let changed = was
                    .iter()
                    .any(|old| old.index == effect.index && old.changes);
                changed && !effect.matched.is_empty() && !effect.changes
            }),
            kept: keeping.into_iter().map(|keeping| keeping.kept).collect(),
            stops: stops(&before, &after, &sources),
            undefined: kept.undefined.clone(),
            losses: losses(&old.corrected, &bindings.losses),
        };
        let file = |path, bytes| File { path, bytes };
        let files = vec![
            file(saved.document_path(), pulled.bytes.clone()),
            saved.canonical_of(pulled)?,
            file(saved.overlay_path(), overlay.into_bytes()),
            file(saved.code_path(), bindings.code.into_bytes()),
            file(saved.mock_path(), mocks.into_bytes()),
            saved.lock_for(pulled)?,
        ];
        Ok(Self { report, files })
    }
}

fn source(stages: &Stages, bytes: &[u8], url: Option<String>) -> Source {
    let items = stages.openapi["paths"].as_object().into_iter().flatten();
    let operations = items.flat_map(|(_, item)| item.as_object().into_iter().flatten());
    Source {
        url,
        version: version(&stages.written),
        sha256: sha256(bytes),
        operations: operations
            .filter(|(_, operation)| operation.get("responses").is_some())
            .count(),
        schemas: stages.openapi["components"]["schemas"]
            .as_object()
            .map_or(0, serde_json::Map::len),
    }
}

/// The changes of the document, and those that only the overlay makes of them.
fn entries(
    raw: Vec<Change>,
    past: Vec<Change>,
    touch: &Touch<'_>,
    was: &[Effect],
    now: &[Effect],
) -> Vec<Entry> {
    let key = |change: &Change| (change.place.to_string(), change.kind);
    let keys = |changes: &[Change]| changes.iter().map(key).collect::<BTreeSet<_>>();
    let (in_raw, in_past) = (keys(&raw), keys(&past));
    let uncovered = past
        .into_iter()
        .filter(|change| !in_raw.contains(&key(change)));
    let uncovered: Vec<(Change, Reaches)> = uncovered
        .map(|change| (change, Reaches::Uncovered))
        .collect();
    let all = raw
        .into_iter()
        .map(|change| match in_past.contains(&key(&change)) {
            true => (change, Reaches::Bindings),
            false => (change, Reaches::Overlay),
        });
    let entries = all.chain(uncovered).map(|(change, reaches)| Entry {
        breaking: change.is_breaking() && reaches != Reaches::Overlay,
        facade: touch.facade(&change),
        sandbox: touch.sandbox(&change),
        overlay: actions(&change, was, now),
        reaches,
        change,
    });
    entries.collect()
}

fn named(effects: &[Effect], of: impl Fn(&Effect) -> bool) -> Vec<Action> {
    let effects = effects.iter().filter(|effect| of(effect));
    effects
        .map(|effect| Action {
            index: effect.index,
            target: effect.target.clone(),
            description: effect
                .description
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" "),
        })
        .collect()
}

/// What the bindings lost or changed, with the places of ours that name it.
fn stops(before: &Surface, after: &Surface, sources: &Sources) -> Vec<Stop> {
    let changes = surface::compare(before, after).into_iter();
    let changes = changes.filter_map(|change| {
        let was = change.was?;
        // The parts of a type that is gone are gone with it.
        let spots = sources.of_item(&change.item);
        Some(Stop {
            item: change.item.to_string(),
            was: match change.item {
                Item::Type(_) => String::new(),
                _ => was,
            },
            is: change.is,
            spots,
        })
    });
    changes.collect()
}

/// What the bindings lose now and did not lose before.
fn losses(old: &Value, now: &[normalise::Loss]) -> Vec<String> {
    let before: BTreeSet<String> = match normalise::normalise(old) {
        Ok(normalised) => normalised.losses.iter().map(ToString::to_string).collect(),
        Err(_) => BTreeSet::new(),
    };
    let losses = now.iter().map(ToString::to_string);
    losses.filter(|loss| !before.contains(loss)).collect()
}
