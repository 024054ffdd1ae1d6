use super::*;

#[tokio::test]
async fn the_header_that_the_generator_makes_up_is_not_sent() {
    let server = Server::json("{}");
    server.smartcall().ping().await.unwrap();
    let request = server.request().to_lowercase();
    assert!(request.contains("accept: application/json"), "{request}");
    assert!(!request.contains("api-version"), "{request}");
}

#[tokio::test]
async fn the_tag_of_a_catalogue_is_sent_verbatim() {
    let server = Server::json("{}");
    server
        .smartcall()
        .get_networks(Some("-806599889"))
        .await
        .unwrap();
    assert!(
        server
            .request()
            .to_lowercase()
            .contains("if-none-match: -806599889\r\n")
    );
}

#[tokio::test]
async fn the_digits_of_an_amount_reach_the_wire() {
    let server = Server::json(r#"{"successful":true}"#);
    let request = hot::types::RechargeRequest::new("ref".into(), decimal("5.00"), 41, "071".into());
    server.hot().recharge(&request).await.unwrap();
    let request = server.request();
    assert!(
        request
            .ends_with(r#"{"agentReference":"ref","amount":5.00,"productId":41,"target":"071"}"#),
        "{request}"
    );
}

#[tokio::test]
async fn every_answer_but_a_documented_success_arrives_whole() {
    for status in [
        "304 Not Modified",
        "400 Bad Request",
        "401 Unauthorized",
        "500 Oops",
        "503 Later",
        "202 Accepted",
    ] {
        let body = if status.starts_with("304") {
            ""
        } else {
            "<html>"
        };
        let server = Server::start(&format!(
            "HTTP/1.1 {status}\r\nretry-after: 7\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        ));
        let answer = server.smartcall().get_networks(None).await;
        let Err(Error::UnexpectedResponse(answer)) = answer else {
            panic!("{status}")
        };
        assert!(status.starts_with(answer.status().as_str()));
        assert_eq!(answer.headers()["retry-after"], "7");
        assert_eq!(answer.text().await.unwrap(), body);
    }
}

#[tokio::test]
async fn a_success_arrives_with_its_status_and_headers() {
    let server = Server::start(
        "HTTP/1.1 200 OK\r\netag: -806599889\r\nx-two: a\r\nx-two: b\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}",
    );
    let answer = server.smartcall().get_networks(None).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["etag"], "-806599889");
    let both: Vec<_> = answer.headers().get_all("x-two").iter().collect();
    assert_eq!(both, ["a", "b"]);
    assert_eq!(answer.content_length(), Some(2));
}

#[tokio::test]
async fn a_success_that_cannot_be_read_keeps_its_body() {
    let server = Server::json("<html>");
    let answer = server.smartcall().get_networks(None).await;
    let Err(Error::InvalidResponsePayload(body, _)) = answer else {
        panic!("read")
    };
    assert_eq!(&body[..], b"<html>");
}

#[tokio::test]
async fn a_file_arrives_as_bytes() {
    let server =
        Server::start("HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\n\0\u{1}x");
    let file = server
        .smartcall()
        .get_batch_order_file("2782", "ref")
        .await
        .unwrap();
    assert_eq!(file.status(), 200);
    assert_eq!(
        server.request().lines().next(),
        Some("GET /base/smartload/batchorders/2782/ref HTTP/1.1")
    );
}

/// Notes which operation it was asked for.
#[derive(Debug, Default)]
struct Note(Mutex<Vec<(&'static str, &'static Operation)>>, bool);

impl Wire for Note {
    fn prepare<'a>(
        &'a self,
        request: &'a mut reqwest::Request,
        operation: &'static Operation,
    ) -> Prepared<'a> {
        Prepared::later(async move {
            self.0.lock().unwrap().push(("prepare", operation));
            if self.1 {
                return Err("no token".to_owned());
            }
            request
                .headers_mut()
                .insert("authorization", "Bearer t".parse().unwrap());
            Ok(())
        })
    }

    fn send<'a>(
        &'a self,
        client: &'a reqwest::Client,
        request: reqwest::Request,
        operation: &'static Operation,
    ) -> Answer<'a> {
        self.0.lock().unwrap().push(("send", operation));
        Answer::later(client.execute(request))
    }
}

#[tokio::test]
async fn the_hook_sees_every_request_with_its_operation() {
    let server = Server::json("{}");
    let note = Arc::new(Note::default());
    let client = smartcall::Client::new_with_client(&server.url, http_client(), note.clone());
    client.get_balance("2782").await.unwrap();
    assert!(
        server
            .request()
            .to_lowercase()
            .contains("authorization: bearer t\r\n")
    );
    let operation = smartcall::operation("getBalance").unwrap();
    assert_eq!(
        *note.0.lock().unwrap(),
        [("prepare", operation), ("send", operation)]
    );
    assert_eq!(
        (operation.method, operation.security, operation.safe),
        ("GET", &["bearer"][..], true)
    );
}

#[tokio::test]
async fn a_hook_need_not_wait() {
    #[derive(Debug)]
    struct AtOnce(Result<(), String>);
    impl Wire for AtOnce {
        fn prepare<'a>(
            &'a self,
            request: &'a mut reqwest::Request,
            _: &'static Operation,
        ) -> Prepared<'a> {
            let header = "Bearer t".parse().unwrap();
            request.headers_mut().insert("authorization", header);
            Prepared::Ready(self.0.clone())
        }

        fn send<'a>(
            &'a self,
            _: &'a reqwest::Client,
            request: reqwest::Request,
            _: &'static Operation,
        ) -> Answer<'a> {
            Answer::Plain(request)
        }
    }
    let server = Server::json("{}");
    let client = |wire| smartcall::Client::new_with_client(&server.url, http_client(), wire);
    let refused = client(Arc::new(AtOnce(Err("no token".into()))));
    let answer = refused.get_balance("2782").await;
    assert!(matches!(answer, Err(Error::Custom(text)) if text == "no token"));
    let taken = client(Arc::new(AtOnce(Ok(()))));
    taken.get_balance("2783").await.unwrap();
    let request = server.request().to_lowercase();
    assert!(
        request.starts_with("get /base/smartload/balance/2783 "),
        "{request}"
    );
    assert!(request.contains("authorization: bearer t\r\n"), "{request}");
    assert_eq!(
        Prepared::Ready(Err("no".into())).await,
        Err("no".to_owned())
    );
    assert_eq!(
        Prepared::later(async { Err("no".into()) }).await,
        Err("no".to_owned())
    );
}

#[tokio::test]
async fn a_hook_that_refuses_stops_the_request() {
    let server = Server::json("{}");
    let note = Arc::new(Note(Mutex::default(), true));
    let client = smartcall::Client::new_with_client(&server.url, http_client(), note);
    let refused = client.get_balance("2782").await;
    assert!(matches!(refused, Err(Error::Custom(text)) if text == "no token"));
    assert!(server.was_not_asked());
}
