//! A body of unknown length, which can break off.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::Frame;

use crate::clock::pause;

/// See the module.
pub(crate) struct Chunks {
    chunks: VecDeque<Bytes>,
    /// Set if the body breaks off after its last chunk: the wait before it does.
    breaks: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Chunks {
    /// All of it.
    pub(crate) fn whole(body: Bytes) -> Self {
        Self {
            chunks: VecDeque::from([body]),
            breaks: None,
        }
    }

    /// The first part of a body. The short wait lets that part really leave before the connection dies.
    pub(crate) fn broken(body: Bytes) -> Self {
        Self {
            chunks: VecDeque::from([body]),
            breaks: Some(Box::pin(pause(Duration::from_millis(20)))),
        }
    }
}

impl hyper::body::Body for Chunks {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        if let Some(chunk) = this.chunks.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(chunk))));
        }
        match &mut this.breaks {
            None => Poll::Ready(None),
            Some(wait) => wait
                .as_mut()
                .poll(context)
                .map(|()| Some(Err(std::io::ErrorKind::ConnectionAborted.into()))),
        }
    }
}
