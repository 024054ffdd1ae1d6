//! One host that answers by mocks, and a client of it whose waits take no time.

use std::sync::Arc;

use httpmock::{Method, Mock, MockServer};
use recharge::journal::{Journal, Memory};
use recharge::smartcall::Client;

use super::support::{ACCOUNT, Clock, PASSWORD, USERNAME};

/// What the client says when it logs in.
pub const BASIC: &str = "Basic dGlsbDpwYTU1LXdvcmQtb2YtdGhlLXRpbGw=";
/// What it says once it has.
pub const BEARER: &str = "Bearer the-token";

pub struct Desk {
    pub server: MockServer,
    login: usize,
    pub client: Client,
}

impl Desk {
    pub async fn open() -> Self {
        Self::with(Arc::new(Memory::new())).await
    }

    pub async fn with(journal: Arc<dyn Journal>) -> Self {
        let server = MockServer::start_async().await;
        let login = server
            .mock_async(|when, then| {
                when.method(Method::POST)
                    .path("/webservice/auth")
                    .header("Authorization", BASIC);
                then.status(200)
                    .body(r#"{"accessToken":"the-token","expiresAt":4102444800000}"#);
            })
            .await
            .id();
        let client = Client::builder(USERNAME, PASSWORD, ACCOUNT.parse().unwrap(), journal)
            .base_urls([server.url("/webservice")])
            .ambient(Arc::new(Clock::new()))
            .build()
            .unwrap();
        Self {
            server,
            login,
            client,
        }
    }

    /// How often somebody logged in.
    pub async fn logins(&self) -> usize {
        Mock::new(self.login, &self.server).calls_async().await
    }

    /// Answers a GET with a token.
    pub async fn get(&self, path: &str, status: u16, body: &str) -> Mock<'_> {
        self.server
            .mock_async(|when, then| {
                when.method(Method::GET)
                    .path(format!("/webservice{path}"))
                    .header("Authorization", BEARER);
                then.status(status)
                    .header("Content-Type", "application/json")
                    .body(body);
            })
            .await
    }

    /// Answers a POST with a token and just this body.
    pub async fn post(
        &self,
        path: &str,
        sent: serde_json::Value,
        status: u16,
        body: &str,
    ) -> Mock<'_> {
        self.server
            .mock_async(|when, then| {
                when.method(Method::POST)
                    .path(format!("/webservice{path}"))
                    .header("Authorization", BEARER)
                    .header("Content-Type", "application/json")
                    .json_body(sent);
                then.status(status)
                    .header("Content-Type", "application/json")
                    .body(body);
            })
            .await
    }

    /// Answers everything but logins with this.
    pub async fn always(&self, status: u16, body: &str) -> Mock<'_> {
        self.server
            .mock_async(|when, then| {
                when.path_excludes("/webservice/auth");
                then.status(status).body(body);
            })
            .await
    }
}
