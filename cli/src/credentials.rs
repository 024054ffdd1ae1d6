//! **The rule: credentials come from the environment or from a file that only its owner can read, and
//! nothing prints them.**

use std::env;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use recharge::{Msisdn, Secret};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::exit::Failure;

const USERNAME: &str = "SMARTCALL_USERNAME";
const PASSWORD: &str = "SMARTCALL_PASSWORD";
const ACCOUNT: &str = "SMARTCALL_ACCOUNT";
const ACCESS_CODE: &str = "HOT_ACCESS_CODE";
const HOT_PASSWORD: &str = "HOT_PASSWORD";

/// Five values need no more.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// Who sells, and which account pays, as far as they were given.
#[derive(Default)]
pub(crate) struct Credentials {
    username: Option<String>,
    password: Option<Secret>,
    account: Option<String>,
    access_code: Option<String>,
    hot_password: Option<Secret>,
}

/// The file, if it is JSON.
#[derive(Deserialize)]
struct Names {
    #[serde(rename = "SMARTCALL_USERNAME")]
    username: Option<String>,
    #[serde(rename = "SMARTCALL_PASSWORD")]
    password: Option<String>,
    #[serde(rename = "SMARTCALL_ACCOUNT")]
    account: Option<String>,
    #[serde(rename = "HOT_ACCESS_CODE")]
    access_code: Option<String>,
    #[serde(rename = "HOT_PASSWORD")]
    hot_password: Option<String>,
}

impl Credentials {
    /// Reads the file, if one was named, and takes from the environment what it does not hold.
    pub(crate) fn read(file: Option<&Path>) -> Result<Self, Failure> {
        let mut given = match file {
            Some(path) => parse(&read_private(path)?).map_err(|problem| of(path, problem))?,
            None => Self::default(),
        };
        let environment = |name| env::var(name).ok().filter(|value| !value.is_empty());
        given.username = given.username.or_else(|| environment(USERNAME));
        given.password = given
            .password
            .or_else(|| environment(PASSWORD).map(Secret::new));
        given.account = given.account.or_else(|| environment(ACCOUNT));
        given.access_code = given.access_code.or_else(|| environment(ACCESS_CODE));
        given.hot_password = given
            .hot_password
            .or_else(|| environment(HOT_PASSWORD).map(Secret::new));
        Ok(given)
    }

    /// The user's name and password.
    pub(crate) fn login(&self) -> Result<(String, Secret), Failure> {
        let username = self.username.clone().ok_or_else(|| missing(USERNAME))?;
        let password = self.password.clone().ok_or_else(|| missing(PASSWORD))?;
        Ok((username, password))
    }

    /// The access code of HOT, and its password.
    pub(crate) fn hot(&self) -> Result<(String, Secret), Failure> {
        let access_code = self
            .access_code
            .clone()
            .ok_or_else(|| missing(ACCESS_CODE))?;
        let password = self
            .hot_password
            .clone()
            .ok_or_else(|| missing(HOT_PASSWORD))?;
        Ok((access_code, password))
    }

    /// The account that pays.
    pub(crate) fn account(&self) -> Result<Msisdn, Failure> {
        let account = self.account.as_deref().ok_or_else(|| {
            Failure::usage(format!("{ACCOUNT} must be set in the environment or in the file of --credentials, or --account be given"))
        })?;
        account.parse().map_err(|invalid: recharge::Invalid| {
            Failure::usage(format!("{ACCOUNT} {}", invalid.rule()))
        })
    }
}

fn missing(name: &str) -> Failure {
    Failure::usage(format!(
        "{name} must be set in the environment or in the file of --credentials"
    ))
}

fn of(path: &Path, problem: impl std::fmt::Display) -> Failure {
    Failure::usage(format!("credentials {}: {problem}", path.display()))
}

fn read_private(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let mut file = File::open(path).map_err(|error| of(path, error))?;
    check_mode(&file).map_err(|problem| of(path, problem))?;
    let mut text = Zeroizing::new(String::with_capacity(4096));
    file.by_ref()
        .take(FILE_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(|error| of(path, error))?;
    Ok(text)
}

/// Asks the open file, so that it cannot be another by the time it is read.
#[cfg(unix)]
fn check_mode(file: &File) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file
        .metadata()
        .map_err(|error| error.to_string())?
        .permissions()
        .mode()
        & 0o777;
    if mode & 0o077 != 0 {
        return Err(format!(
            "must not be accessible by others than its owner, but its mode is {mode:03o}: chmod 600 it"
        ));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_mode(_: &File) -> Result<(), String> {
    Ok(())
}

/// Reads a JSON object, or lines of `NAME=value` with comments, `export` and quotes, as shells take them. Other names are somebody else's.
fn parse(text: &str) -> Result<Credentials, String> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('{') {
        // The error of the parser could quote a secret.
        let names: Names = serde_json::from_str(text)
            .map_err(|error| format!("line {} is not the expected JSON", error.line()))?;
        return Ok(Credentials {
            username: names.username,
            password: names.password.map(Secret::new),
            account: names.account,
            access_code: names.access_code,
            hot_password: names.hot_password.map(Secret::new),
        });
    }
    let mut found = Credentials::default();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = line
            .split_once('=')
            .ok_or_else(|| format!("line {number} must be NAME=value"))?;
        let value = unquoted(value.trim()).to_owned();
        match name.trim().trim_start_matches("export ").trim() {
            USERNAME => found.username = Some(value),
            PASSWORD => found.password = Some(Secret::new(value)),
            ACCOUNT => found.account = Some(value),
            ACCESS_CODE => found.access_code = Some(value),
            HOT_PASSWORD => found.hot_password = Some(Secret::new(value)),
            _ => {}
        }
    }
    Ok(found)
}

fn unquoted(value: &str) -> &str {
    ['"', '\'']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote))
        .unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (Option<String>, Option<String>, Option<String>) {
        let found = parse(text).expect("credentials");
        (
            found.username,
            found.password.map(|password| password.expose().to_owned()),
            found.account,
        )
    }

    #[test]
    fn a_file_is_lines_or_json() {
        let expected = (
            Some("till".to_owned()),
            Some("a=b #c".to_owned()),
            Some("27810000001".to_owned()),
        );
        let lines = "# who\n\nexport SMARTCALL_USERNAME=till\r\nSMARTCALL_PASSWORD='a=b #c'\nOTHER=1\nSMARTCALL_ACCOUNT = \"27810000001\"\n";
        assert_eq!(parts(lines), expected);
        let json = r#" {"SMARTCALL_USERNAME":"till","SMARTCALL_PASSWORD":"a=b #c","SMARTCALL_ACCOUNT":"27810000001","x":1}"#;
        assert_eq!(parts(json), expected);
        assert_eq!(parts(""), (None, None, None));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named_by_line_and_never_quoted() {
        for text in [
            "SMARTCALL_PASSWORD hunter2",
            "\n{\"SMARTCALL_PASSWORD\": hunter2}",
            "{\"SMARTCALL_PASSWORD\": 7, \"hunter2\": 1}",
        ] {
            let refused = parse(text).map(|_| ()).expect_err(text);
            assert!(
                refused.contains("line ") && !refused.contains("hunter2"),
                "{refused}"
            );
        }
    }
}
