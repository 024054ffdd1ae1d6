use super::*;

#[tokio::test]
async fn a_slash_and_its_like_are_escaped_in_a_path_argument() {
    let server = Server::json("{}");
    let client = server.smartcall();
    client
        .get_transaction_by_client_reference("27/82", "a b?c#d%2Fé..")
        .await
        .unwrap();
    let line = server.request().lines().next().unwrap().to_owned();
    assert_eq!(
        line,
        "GET /base/smartload/recharges/27%2F82/a%20b%3Fc%23d%252F%C3%A9.. HTTP/1.1"
    );
}

#[tokio::test]
async fn a_path_argument_that_would_ask_another_resource_is_refused_and_nothing_is_sent() {
    let server = Server::json("{}");
    let client = server.smartcall();
    for (argument, why) in [
        ("", "is empty"),
        (".", "is a relative path"),
        ("..", "is a relative path"),
        ("a\\b", "contains a backslash"),
        ("..\\..", "contains a backslash"),
    ] {
        let refused = client
            .get_transaction_by_client_reference("2782", argument)
            .await;
        let Err(Error::InvalidRequest(text)) = refused else {
            panic!("{argument:?} was not refused")
        };
        assert_eq!(
            text,
            format!("path parameter `clientReference` {why}; nothing was sent")
        );
        assert!(client.get_balance(argument).await.is_err(), "{argument:?}");
    }
    assert!(server.hot().query_transaction("..").await.is_err());
    assert!(server.was_not_asked());
}

#[tokio::test]
async fn a_line_break_in_an_argument_adds_no_header() {
    let server = Server::json("{}");
    server
        .smartcall()
        .get_balance("1\r\nX-Evil: 1")
        .await
        .unwrap();
    let request = server.request();
    assert!(
        request.starts_with("GET /base/smartload/balance/1%0D%0AX-Evil:%201 HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(
        server
            .smartcall()
            .get_networks(Some("1\r\nX-Evil: 1"))
            .await
            .is_err()
    );
    assert!(server.was_not_asked());
}

#[tokio::test]
async fn a_trailing_slash_of_the_document_is_kept() {
    let server = Server::json("[]");
    server.hot().get_balances().await.unwrap();
    assert!(
        server
            .request()
            .starts_with("GET /base/account/balance/ HTTP/1.1\r\n")
    );
}

#[tokio::test]
async fn what_is_asked_is_the_same_each_time_and_another_for_each_operation() {
    let server = Server::json("{}");
    let smartcall = server.smartcall();
    let again = smartcall.clone();
    for _ in 0..2 {
        smartcall.get_networks(None).await.unwrap();
        again.get_networks(None).await.unwrap();
        smartcall.ping().await.unwrap();
        again.get_balance("2782").await.unwrap();
        smartcall.get_balance("2783").await.unwrap();
        for path in [
            "smartload/networks",
            "smartload/networks",
            "test/ping",
            "smartload/balance/2782",
            "smartload/balance/2783",
        ] {
            let line = format!("GET /base/{path} HTTP/1.1\r\n");
            let request = server.request();
            assert!(request.starts_with(&line), "{line} {request}");
        }
    }
}

#[tokio::test]
async fn a_base_that_is_no_url_is_refused_and_not_repeated() {
    for base in ["", "no url", "//host", "http://", "https://host:hunter2"] {
        let client = smartcall::Client::new_with_client(base, http_client(), Arc::new(Direct));
        for _ in 0..2 {
            let Err(error) = client.ping().await else {
                panic!("{base:?} was taken")
            };
            assert!(error.status().is_none(), "{base:?}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}
