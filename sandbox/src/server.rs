//! Sockets: an accept loop of its own for each host, because some faults are faults of sockets.
//!
//! A handler reaches the connection it was called on through [`Origin`], and can have it reset or closed. A host can be told to
//! close its port through [`Switch`]: connections that are idle are closed, requests in progress are answered, and connects are
//! refused by the kernel until the time is over. In the meantime the port is kept bound, but not listened on, so that nobody
//! else gets it.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

use crate::clock::pause;

/// How a connection is made to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// RST.
    Reset,
    /// FIN.
    Close,
}

/// Where a request came in.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) host: usize,
    cut: mpsc::UnboundedSender<Cut>,
}

impl Origin {
    /// Ends the connection. Never returns: the caller is dropped together with it.
    pub(crate) async fn cut(&self, how: Cut) -> Response {
        let _ = self.cut.send(how); // Fails only if the connection is gone already.
        match std::future::pending::<Infallible>().await {}
    }
}

/// Until when, and who wants to know that it is closed.
type Closing = (
    Pin<Box<dyn Future<Output = ()> + Send>>,
    oneshot::Sender<()>,
);

/// Closes the port of one host.
#[derive(Clone)]
pub(crate) struct Switch(mpsc::UnboundedSender<Closing>);

impl Switch {
    /// A switch, and what its host listens to.
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<Closing>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// Returns as soon as the port is closed.
    pub(crate) async fn close(&self, until: impl Future<Output = ()> + Send + 'static) {
        let (closed, is_closed) = oneshot::channel();
        if self.0.send((Box::pin(until), closed)).is_ok() {
            let _ = is_closed.await; // An error means that the host is gone, which is closed enough.
        }
    }
}

/// A listener on the loopback interface.
pub(crate) fn bind(port: u16) -> io::Result<TcpListener> {
    hold(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?.listen(1024)
}

/// A bound socket that does not listen: it keeps the port, and connects to it are refused.
fn hold(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// One host until `stop` changes or is dropped.
pub(crate) async fn run(
    host: usize,
    mut listener: TcpListener,
    router: Router,
    mut closings: mpsc::UnboundedReceiver<Closing>,
    mut stop: watch::Receiver<()>,
) {
    let Ok(address) = listener.local_addr() else {
        return;
    };
    let (drain, _) = watch::channel(());
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = stop.changed() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                connections.spawn(connection(host, stream, router.clone(), drain.subscribe()));
            },
            Some((until, closed)) = closings.recv() => {
                drop(listener);
                let held = hold_again(address).await;
                drain.send_replace(());
                let _ = closed.send(());
                stay_closed(until, &mut closings).await;
                listener = match held.listen(1024) {
                    Ok(listener) => listener,
                    Err(error) => return tracing::error!(%address, %error, "the port could not be opened again"),
                };
            }
        }
    }
    connections.shutdown().await;
}

/// The port was ours a moment ago; whoever slipped in between (an outgoing connection) will leave.
async fn hold_again(address: SocketAddr) -> TcpSocket {
    loop {
        match hold(address) {
            Ok(socket) => return socket,
            Err(error) => tracing::warn!(%address, %error, "the port is taken, trying again"),
        }
        pause(Duration::from_millis(5)).await;
    }
}

/// Waits, and tells everybody who wants the port closed meanwhile that it is.
async fn stay_closed(
    mut over: Pin<Box<dyn Future<Output = ()> + Send>>,
    closings: &mut mpsc::UnboundedReceiver<Closing>,
) {
    loop {
        tokio::select! {
            () = &mut over => return,
            Some((_, closed)) = closings.recv() => { let _ = closed.send(()); }
        }
    }
}

async fn connection(
    host: usize,
    stream: TcpStream,
    router: Router,
    mut drain: watch::Receiver<()>,
) {
    let (cut, mut cuts) = mpsc::unbounded_channel();
    let _ = stream.set_nodelay(true); // Only speed.
    let origin = Origin { host, cut };
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(origin.clone());
        router.call(request)
    });
    let mut connection = http1::Builder::new()
        .title_case_headers(true)
        .serve_connection(TokioIo::new(stream), service);
    let mut draining = false;
    let how = loop {
        tokio::select! {
            biased;
            Some(how) = cuts.recv() => break how,
            Ok(()) = drain.changed(), if !draining => {
                draining = true;
                std::pin::Pin::new(&mut connection).graceful_shutdown();
            }
            _ = &mut connection => return,
        }
    };
    let stream = connection.into_parts().io.into_inner();
    if how == Cut::Reset {
        let _ = stream.set_zero_linger(); // If it fails the client sees a FIN instead, which is as bad.
    }
}
