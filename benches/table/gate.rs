//! What stands before a host: it lets everything through, until it is told to be down in one of the ways in which hosts are.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How a host does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// It answers.
    Answers,
    /// Its port is closed, and every connection with it.
    Refuses,
    /// Every read is answered with HTTP 503. Writes pass.
    Broken,
    /// New connections are not answered, and open ones are silent.
    Silent,
}

/// A gate before a host.
pub(crate) struct Gate {
    pub(crate) address: SocketAddr,
    how: watch::Sender<How>,
    /// When a request last was let through for the first time after the host had been down.
    taken_back: TakenBack,
}

impl Gate {
    /// Opens a gate before `host`.
    pub(crate) async fn before(host: SocketAddr) -> Self {
        let listener = bind("127.0.0.1:0".parse().expect("an address"), 1024);
        let address = listener.local_addr().expect("its address");
        let (how, watched) = watch::channel(How::Answers);
        let taken_back = Arc::default();
        tokio::spawn(keep(
            listener,
            address,
            host,
            watched,
            Arc::clone(&taken_back),
        ));
        Self {
            address,
            how,
            taken_back,
        }
    }

    pub(crate) fn is_now(&self, how: How) {
        *self.taken_back.lock().expect("no panic") = None;
        self.how.send_replace(how);
    }

    /// When the first request passed since [`Gate::is_now`] was last called.
    pub(crate) fn taken_back(&self) -> Option<Instant> {
        *self.taken_back.lock().expect("no panic")
    }
}

type TakenBack = Arc<Mutex<Option<Instant>>>;

async fn keep(
    first: TcpListener,
    address: SocketAddr,
    host: SocketAddr,
    mut how: watch::Receiver<How>,
    taken_back: TakenBack,
) {
    let mut listener = Some(first);
    let mut open = JoinSet::new();
    loop {
        let now = *how.borrow_and_update();
        match now {
            How::Answers | How::Broken => {
                if listener.is_none() {
                    open.abort_all();
                    listener = Some(bind(address, 1024));
                }
                let Some(listener) = &listener else { return };
                loop {
                    tokio::select! {
                        changed = how.changed() => {
                            if changed.is_err() { return }
                            break;
                        }
                        Ok((stream, _)) = listener.accept() => {
                            open.spawn(pass(stream, host, how.clone(), Arc::clone(&taken_back)));
                        }
                    }
                }
            }
            How::Refuses => {
                listener = None;
                open.abort_all();
                if how.changed().await.is_err() {
                    return;
                }
            }
            How::Silent => {
                listener = None;
                // A queue that is full: further connects get no answer at all.
                let hole = bind(address, 1);
                let mut held = Vec::new();
                while let Ok(Ok(stream)) =
                    tokio::time::timeout(Duration::from_millis(100), TcpStream::connect(address))
                        .await
                {
                    held.push(stream);
                }
                if how.changed().await.is_err() {
                    return;
                }
                drop((hole, held));
            }
        }
    }
}

fn bind(address: SocketAddr, queue: u32) -> TcpListener {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_reuseaddr(true).expect("a socket");
    socket.bind(address).expect("the port");
    socket.listen(queue).expect("the port")
}

/// Passes one connection on.
async fn pass(
    client: TcpStream,
    host: SocketAddr,
    mut how: watch::Receiver<How>,
    taken_back: TakenBack,
) {
    let Ok(server) = TcpStream::connect(host).await else {
        return;
    };
    let (mut from_client, to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let to_client = Arc::new(tokio::sync::Mutex::new(to_client));
    let answers = Arc::clone(&to_client);
    let mut answering = JoinSet::new();
    answering.spawn(async move {
        let mut buffer = [0; 16 * 1024];
        while let Ok(count @ 1..) = from_server.read(&mut buffer).await {
            if answers
                .lock()
                .await
                .write_all(&buffer[..count])
                .await
                .is_err()
            {
                return;
            }
        }
    });
    let mut buffer = [0; 16 * 1024];
    loop {
        let read = tokio::select! {
            biased;
            _ = how.changed() => {
                if *how.borrow_and_update() == How::Silent {
                    answering.abort_all();
                    std::future::pending::<()>().await;
                }
                continue;
            }
            read = from_client.read(&mut buffer) => read,
        };
        let Ok(count @ 1..) = read else { return };
        let now = *how.borrow();
        let passed = if now == How::Broken && buffer.starts_with(b"GET ") {
            let answer = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";
            to_client.lock().await.write_all(answer).await
        } else {
            taken_back
                .lock()
                .expect("no panic")
                .get_or_insert_with(Instant::now);
            to_server.write_all(&buffer[..count]).await
        };
        if passed.is_err() {
            return;
        }
    }
}
