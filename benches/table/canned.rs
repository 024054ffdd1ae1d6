//! A service that says what it is told to, so that nothing but the caller is measured: logins, one body with an `Etag`, and 304 to who has it.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) const ETAG: &str = "-806599889";

/// Serves `body` on every path but the login, until the runtime ends.
pub(crate) async fn serve(body: String) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let body: Arc<str> = body.into();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, Arc::clone(&body)));
        }
    });
    address
}

/// Requests without a body, one after the other.
async fn answer(mut stream: TcpStream, body: Arc<str>) {
    let mut read = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut buffer).await {
        read.extend_from_slice(&buffer[..count]);
        let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&read[..end]).to_ascii_lowercase();
        read.drain(..end + 4);
        let answer = if head.starts_with("post ") {
            ok(
                r#"{"responseDescription":null,"accessToken":"t","tokenType":"Bearer","expiresAt":99999999999999,"scope":"x"}"#,
            )
        } else if head.contains(&format!("if-none-match: {ETAG}")) {
            "HTTP/1.1 304 Not Modified\r\ncontent-length: 0\r\n\r\n".into()
        } else {
            ok(&body)
        };
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn ok(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nEtag: {ETAG}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}
