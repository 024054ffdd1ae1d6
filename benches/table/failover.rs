//! The first host stops answering while many read: how many notice, for how long, and whether it is taken back.

use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use recharge::journal::Memory;
use recharge::smartcall::Client;
use recharge_sandbox::Sandbox;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;

use crate::child::{self, Service};
use crate::kind;

const READERS: usize = 16;
/// A read that takes longer than this has met the host that is down.
const SLOW: Duration = Duration::from_millis(200);

pub(crate) fn table() -> String {
    let mut out = String::from(
        "## The first host is down, 16 tasks read for 5 s\n\n| how | reads | slower than 0.2 s | the slowest | reads a second after the first second |\n|---|---:|---:|---:|---:|\n",
    );
    for (how, seen) in [
        ("answers (nothing is down)", run(How::Up)),
        ("refuses connections", run(How::Refuses)),
        ("HTTP 503 to every read", run(How::Broken)),
        (
            "a black hole: connects are not answered",
            run(How::BlackHole),
        ),
    ] {
        let mut late: Vec<_> = seen
            .iter()
            .filter(|(at, _)| *at > Duration::from_secs(4))
            .collect();
        late.sort();
        let slowest = seen.iter().map(|(_, took)| *took).max().unwrap_or_default();
        let _ = writeln!(
            out,
            "| {how} | {} | {} | {:.2} s | {} |",
            seen.len(),
            seen.iter().filter(|(_, took)| *took > SLOW).count(),
            slowest.as_secs_f64(),
            late.len()
        );
    }
    out
}

enum How {
    Up,
    Refuses,
    Broken,
    BlackHole,
}

/// When each read began and how long it took.
fn run(how: How) -> Vec<(Duration, Duration)> {
    child::runtime().block_on(async {
        let sandbox = Sandbox::builder().start().await.expect("a sandbox");
        let mut service = Service {
            base_urls: sandbox.base_urls(),
            username: sandbox.username().to_owned(),
            password: sandbox.password().to_owned(),
            account: sandbox.account().to_owned(),
            ledger: sandbox.ledger_url(),
        };
        let mut held = Vec::new();
        let place = match how {
            How::Up => None,
            How::Refuses => Some(closed()),
            How::Broken => Some(broken().await),
            How::BlackHole => Some(black_hole(&mut held).await),
        };
        if let Some(address) = place {
            service.base_urls[0] = format!("http://{address}/webservice");
        }
        reads(kind::client(&service, Arc::new(Memory::new()))).await
    })
}

async fn reads(client: Client) -> Vec<(Duration, Duration)> {
    let begun = Instant::now();
    let mut readers = JoinSet::new();
    for _ in 0..READERS {
        let client = client.clone();
        readers.spawn(async move {
            let mut seen = Vec::new();
            while begun.elapsed() < Duration::from_secs(5) {
                let at = begun.elapsed();
                client.balance().await.expect("a balance");
                seen.push((at, begun.elapsed() - at));
            }
            seen
        });
    }
    readers.join_all().await.into_iter().flatten().collect()
}

/// A port that nobody listens on.
fn closed() -> std::net::SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address")
}

/// A host that answers every request with HTTP 503.
async fn broken() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                use tokio::io::{AsyncReadExt, AsyncWriteExt};
                let mut buffer = [0; 4096];
                while let Ok(1..) = stream.read(&mut buffer).await {
                    let answer = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";
                    if stream.write_all(answer).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

/// A port whose queue is full: further connects get no answer at all.
async fn black_hole(held: &mut Vec<TcpStream>) -> std::net::SocketAddr {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket
        .bind("127.0.0.1:0".parse().expect("an address"))
        .expect("a port");
    let listener = socket.listen(1).expect("a port");
    let address = listener.local_addr().expect("its address");
    while let Ok(Ok(stream)) =
        tokio::time::timeout(Duration::from_millis(100), TcpStream::connect(address)).await
    {
        held.push(stream);
    }
    // Nobody ever accepts.
    std::mem::forget(listener);
    address
}
