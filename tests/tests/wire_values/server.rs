//! A server that shows what is sent.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use recharge_bindings::{Direct, hot, smartcall};

/// A server on the loopback that answers every request alike and tells what it was asked.
pub(crate) struct Server {
    pub(crate) url: String,
    asked: Receiver<String>,
}

impl Server {
    pub(crate) fn start(answer: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/base", listener.local_addr().unwrap());
        let (tell, asked) = mpsc::channel();
        let answer = answer.to_owned();
        std::thread::spawn(move || {
            while let Ok((mut stream, _)) = listener.accept() {
                let mut request = Vec::new();
                let mut buffer = [0; 4096];
                while !complete(&request) {
                    match stream.read(&mut buffer) {
                        Ok(0) | Err(_) => break,
                        Ok(some) => request.extend_from_slice(&buffer[..some]),
                    }
                }
                let _ = stream.write_all(answer.as_bytes());
                if tell
                    .send(String::from_utf8_lossy(&request).into_owned())
                    .is_err()
                {
                    break;
                }
            }
        });
        Self { url, asked }
    }

    pub(crate) fn json(body: &str) -> Self {
        let length = body.len();
        Self::start(&format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        ))
    }

    pub(crate) fn request(&self) -> String {
        self.asked.recv_timeout(Duration::from_secs(60)).unwrap()
    }

    pub(crate) fn was_not_asked(&self) -> bool {
        self.asked.recv_timeout(Duration::from_millis(100)).is_err()
    }

    pub(crate) fn smartcall(&self) -> smartcall::Client {
        smartcall::Client::new_with_client(&self.url, http_client(), Arc::new(Direct))
    }

    pub(crate) fn hot(&self) -> hot::Client {
        hot::Client::new_with_client(&self.url, http_client(), Arc::new(Direct))
    }
}

pub(crate) fn complete(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let head = head.to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok());
    body.len() >= length.unwrap_or(0)
}

pub(crate) fn http_client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .build()
        .unwrap()
}
