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
