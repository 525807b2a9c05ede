//! Bodies between a worker and the world: sources it reads, sinks it writes, one or two chunks at a time.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZlibDecoder};
use bytes::Bytes;
use futures::channel::mpsc;
use futures::{Sink as _, Stream, TryStreamExt};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyDataStream, BodyExt, Full, StreamBody};
use tokio_util::io::{ReaderStream, StreamReader};
use wasmtime_wasi_http::{Error, WasiBody};

/// Chunks on their way beside the one that each sender may always place.
const CHUNKS: usize = 1;

/// What a worker reads from.
pub(super) struct Source {
    content: Content,
    /// It has asked for a chunk that it does not have yet.
    pub is_wanted: bool,
}

enum Content {
    /// As it came. Passed on, it stays as it came.
    Body(WasiBody, Option<Coding>),
    /// Read by the worker, which finds it decoded.
    Decoded(Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>),
}

/// A content coding that fetch undoes (Fetch standard, "handle content codings").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Deflate,
    Brotli,
}

impl Coding {
    /// The only coding of a body; several in a row are left to the worker.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(CONTENT_ENCODING).iter();
        let value = values.next().filter(|_| values.next().is_none())?;
        match value
            .as_bytes()
            .trim_ascii()
            .to_ascii_lowercase()
            .as_slice()
        {
            b"gzip" | b"x-gzip" => Some(Self::Gzip),
            b"deflate" => Some(Self::Deflate),
            b"br" => Some(Self::Brotli),
            _ => None,
        }
    }

    /// Decodes a body a buffer at a time, so that one which expands without end costs no more memory than another.
    fn decode(self, body: WasiBody) -> Content {
        let coded = BodyDataStream::new(body).map_err(|error| io::Error::other(error.to_string()));
        let coded = StreamReader::new(coded);
        Content::Decoded(match self {
            Self::Gzip => {
                let mut decoder = GzipDecoder::new(coded);
                decoder.multiple_members(true);
                Box::pin(ReaderStream::new(decoder))
            }
            Self::Deflate => Box::pin(ReaderStream::new(ZlibDecoder::new(coded))),
            Self::Brotli => Box::pin(ReaderStream::new(BrotliDecoder::new(coded))),
        })
    }
}

/// What a source gave.
pub(super) enum Read {
    Chunk(Bytes),
    End,
    Failed(String),
}

impl Source {
    pub(super) fn new(body: WasiBody, coding: Option<Coding>) -> Self {
        Self {
            content: Content::Body(body, coding),
            is_wanted: false,
        }
    }

    /// The rest of the body, for someone else to read.
    pub(super) fn into_body(self) -> WasiBody {
        match self.content {
            Content::Body(body, _) => body,
            Content::Decoded(stream) => {
                let frames = stream.map_ok(Frame::data);
                let frames = frames.map_err(|e| Error::InternalError(Some(e.to_string())));
                StreamBody::new(frames).boxed_unsync()
            }
        }
    }

    /// The next chunk that is not empty.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Read> {
        if let Content::Body(body, coding @ Some(_)) = &mut self.content
            && let Some(coding) = coding.take()
        {
            let body = std::mem::replace(body, whole(Bytes::new()));
            self.content = coding.decode(body);
        }
        let body = match &mut self.content {
            Content::Body(body, _) => body,
            Content::Decoded(stream) => {
                return Poll::Ready(match ready!(stream.as_mut().poll_next(cx)) {
                    None => Read::End,
                    Some(Ok(chunk)) => Read::Chunk(chunk),
                    Some(Err(error)) => Read::Failed(error.to_string()),
                });
            }
        };
        loop {
            match ready!(Pin::new(&mut *body).poll_frame(cx)) {
                None => return Poll::Ready(Read::End),
                Some(Err(error)) => return Poll::Ready(Read::Failed(error.to_string())),
                // Trailers have no place in fetch.
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(chunk) if !chunk.is_empty() => return Poll::Ready(Read::Chunk(chunk)),
                    _ => {}
                },
            }
        }
    }
}

/// A body that is there already.
pub(super) fn whole(bytes: Bytes) -> WasiBody {
    Full::new(bytes)
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// What a worker writes to.
pub(super) struct Sink {
    pieces: mpsc::Sender<Piece>,
    /// It was told to wait.
    pub is_full: bool,
}

enum Piece {
    Chunk(Bytes),
    End,
    Broken(String),
}

/// Whether more can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    Free,
    Full,
    /// Nobody reads any more.
    Closed,
}

/// A sink, and the body it becomes.
pub(super) fn pipe() -> (Sink, Piped) {
    let (sender, receiver) = mpsc::channel(CHUNKS);
    let sink = Sink {
        pieces: sender,
        is_full: false,
    };
    let body = Piped {
        pieces: receiver,
        has_ended: false,
    };
    (sink, body)
}

impl Sink {
    /// Writes a chunk; a worker that was told to wait must have waited.
    pub(super) fn write(&mut self, chunk: Bytes) -> Result<Room, wasmtime::Error> {
        match self.pieces.try_send(Piece::Chunk(chunk)) {
            Ok(()) => {}
            Err(error) if error.is_disconnected() => return Ok(Room::Closed),
            Err(_) => return Err(wasmtime::Error::msg("the engine wrote into a full stream")),
        }
        let mut cx = Context::from_waker(std::task::Waker::noop());
        let room = match Pin::new(&mut self.pieces).poll_ready(&mut cx) {
            Poll::Ready(Ok(())) => Room::Free,
            Poll::Ready(Err(_)) => Room::Closed,
            Poll::Pending => Room::Full,
        };
        self.is_full = room == Room::Full;
        Ok(room)
    }

    /// Ready when a worker that was told to wait may go on.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Room> {
        let room = match ready!(Pin::new(&mut self.pieces).poll_ready(cx)) {
            Ok(()) => Room::Free,
            Err(_) => Room::Closed,
        };
        self.is_full = false;
        Poll::Ready(room)
    }

    /// Ends the body: whole, or broken off for a reason.
    ///
    /// A full channel has room for this still: it belongs to the clone that is made for it.
    pub(super) fn finish(self, broken: Option<String>) {
        let piece = broken.map_or(Piece::End, Piece::Broken);
        // A reader who is gone needs no end.
        let _ = self.pieces.clone().try_send(piece);
    }
}

/// A body that a worker writes.
pub(super) struct Piped {
    pieces: mpsc::Receiver<Piece>,
    has_ended: bool,
}

impl Body for Piped {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        let piece = ready!(Pin::new(&mut self.pieces).poll_next(cx));
        if let Some(Piece::Chunk(chunk)) = piece {
            return Poll::Ready(Some(Ok(Frame::data(chunk))));
        }
        self.has_ended = true;
        Poll::Ready(match piece {
            Some(Piece::End) => None,
            Some(Piece::Broken(why)) => Some(Err(Error::InternalError(Some(why)))),
            // The worker was ended while it wrote.
            _ => Some(Err(Error::InternalError(Some(
                "the body was not written to its end".into(),
            )))),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.has_ended
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    #[tokio::test]
    async fn a_full_stream_takes_no_more_until_it_was_read() {
        let (mut sink, mut body) = pipe();
        let mut written = 0;
        while sink.write(Bytes::from_static(b"x")).expect("room") == Room::Free {
            written += 1;
        }
        assert!(sink.is_full && written < 4, "{written}");
        assert!(sink.write(Bytes::from_static(b"x")).is_err());
        body.frame().await.expect("a frame").expect("data");
        let room = std::future::poll_fn(|cx| sink.poll(cx)).await;
        assert_eq!(room, Room::Free);
    }

    #[tokio::test]
    async fn an_end_fits_into_a_full_stream_and_a_missing_end_is_an_error() {
        let (mut sink, body) = pipe();
        while sink.write(Bytes::from_static(b"x")).expect("room") == Room::Free {}
        sink.finish(None);
        assert!(body.collect().await.expect("whole").to_bytes().len() > 1);

        let (mut sink, body) = pipe();
        sink.write(Bytes::from_static(b"x")).expect("room");
        drop(sink);
        assert!(body.collect().await.is_err());
    }

    #[test]
    fn a_reader_who_is_gone_closes_the_stream() {
        let (mut sink, body) = pipe();
        drop(body);
        assert_eq!(
            sink.write(Bytes::from_static(b"x")).expect("room"),
            Room::Closed
        );
    }
}
