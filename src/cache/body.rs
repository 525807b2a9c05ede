//! A stored body: read by any number of visitors while it comes in, and afterwards.

use std::collections::VecDeque;
use std::ops::Range;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use thiserror::Error;

use super::{Body, BodyError};

/// The longest piece that a stored body is kept in; one of this length or less is a single piece.
const PIECE_BYTES: usize = 1 << 20;
/// How far a body that is too long to be kept may be ahead of its slowest reader.
const AHEAD_BYTES: u64 = 256 << 10;

/// A body that broke off while it came in.
#[derive(Clone, Debug, Error)]
#[error("{0}")]
pub struct BrokenOff(Arc<str>);

/// A body, whole or on its way.
#[derive(Clone)]
pub(super) enum Stored {
    /// All of it.
    Whole(Whole),
    /// As much as has come.
    Filling(Arc<Filling>),
}

/// A body that is all there.
#[derive(Clone)]
pub(super) struct Whole {
    pieces: Arc<[Bytes]>,
    pub length: u64,
}

impl Whole {
    /// A part of it as a message's body.
    fn read(&self, range: Range<u64>) -> Body {
        let reader = WholeReader {
            pieces: self.pieces.clone(),
            next: 0,
            skip: range.start,
            left: range.end - range.start,
        };
        reader.map_err(|never| match never {}).boxed_unsync()
    }
}

impl Stored {
    /// Its length, if that is known yet.
    pub(super) fn length(&self) -> Option<u64> {
        match self {
            Self::Whole(whole) => Some(whole.length),
            Self::Filling(filling) => filling.length,
        }
    }

    /// All of it as a message's body; `None` when its beginning is gone already, or its end will never come.
    pub(super) fn read_all(&self) -> Option<Body> {
        match self {
            Self::Whole(whole) => Some(whole.read(0..whole.length)),
            Self::Filling(filling) => filling.read(),
        }
    }

    /// A part of it as a message's body; `None` while it is not all there.
    pub(super) fn read_part(&self, range: Range<u64>) -> Option<Body> {
        match self {
            Self::Whole(whole) => Some(whole.read(range)),
            Self::Filling(_) => None,
        }
    }
}

/// Reads what is all there.
struct WholeReader {
    pieces: Arc<[Bytes]>,
    next: usize,
    skip: u64,
    left: u64,
}

impl HttpBody for WholeReader {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        while this.left > 0
            && let Some(piece) = this.pieces.get(this.next)
        {
            this.next += 1;
            let length = piece.len() as u64;
            if this.skip >= length {
                this.skip -= length;
                continue;
            }
            let end = length.min(this.skip + this.left);
            let part = piece.slice(this.skip as usize..end as usize);
            this.left -= end - this.skip;
            this.skip = 0;
            return Poll::Ready(Some(Ok(Frame::data(part))));
        }
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// A body that is coming in.
pub(super) struct Filling {
    /// What its `Content-Length` says.
    length: Option<u64>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What has come and may still be asked for.
    pieces: VecDeque<Bytes>,
    /// Pieces given up, because the body is too long to be kept.
    given_up: usize,
    /// Bytes that came in all.
    received: u64,
    ended: Option<Result<(), BrokenOff>>,
    is_kept: bool,
    readers: Vec<Option<Place>>,
    filler: Option<Waker>,
}

/// How far a reader is.
struct Place {
    piece: usize,
    bytes: u64,
    waker: Option<Waker>,
}

/// What became of a body that came in.
pub(super) enum Filled {
    /// It is all there.
    Whole(Whole),
    /// It was too long, and is not kept.
    TooLong,
    /// It broke off.
    Broken(BrokenOff),
}

impl Filling {
    /// A body of which nothing has come yet, with a place for who reads it first.
    pub(super) fn new(length: Option<u64>) -> Arc<Self> {
        let state = State {
            is_kept: true,
            ..State::default()
        };
        Arc::new(Self {
            length,
            state: Mutex::new(state),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(self: &Arc<Self>) -> Option<Body> {
        let mut state = self.lock();
        if state.given_up > 0 || matches!(state.ended, Some(Err(_))) {
            return None;
        }
        let place = Place {
            piece: 0,
            bytes: 0,
            waker: None,
        };
        let free = state.readers.iter().position(Option::is_none);
        let id = free.unwrap_or(state.readers.len());
        match free {
            Some(id) => state.readers[id] = Some(place),
            None => state.readers.push(Some(place)),
        }
        drop(state);
        let reader = FillingReader {
            filling: self.clone(),
            id,
        };
        let body = reader.map_err(|error| Box::new(error) as BodyError);
        Some(body.boxed_unsync())
    }

    /// Takes a body in to its end, whoever reads it meanwhile. `may_keep` is asked for each piece, with what has come.
    pub(super) async fn fill(&self, body: Body, mut may_keep: impl FnMut(u64) -> bool) -> Filled {
        let mut body = std::pin::pin!(body);
        loop {
            let frame = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)).await;
            let data = match frame {
                Some(Ok(frame)) => frame.into_data().ok(),
                Some(Err(error)) => {
                    let reason = BrokenOff(error.to_string().into());
                    return self.end(Err(reason));
                }
                None => return self.end(Ok(())),
            };
            // Trailers are not kept.
            let Some(data) = data else { continue };
            if data.is_empty() {
                continue;
            }
            if !self.push(data, &mut may_keep).await {
                self.end(Err(BrokenOff("nobody reads it".into())));
                return Filled::TooLong;
            }
        }
    }

    /// Gives a piece to the readers; false when there are none, and nobody will come.
    async fn push(&self, data: Bytes, may_keep: &mut impl FnMut(u64) -> bool) -> bool {
        {
            let mut state = self.lock();
            state.received += data.len() as u64;
            state.pieces.push_back(data);
            state.is_kept = state.is_kept && may_keep(state.received);
            state.wake_readers();
        }
        std::future::poll_fn(|cx| {
            let mut state = self.lock();
            if state.is_kept {
                return Poll::Ready(true);
            }
            state.give_up();
            let Some(slowest) = state.slowest() else {
                return Poll::Ready(false);
            };
            if state.received - slowest <= AHEAD_BYTES {
                return Poll::Ready(true);
            }
            state.filler = Some(cx.waker().clone());
            Poll::Pending
        })
        .await
    }

    fn end(&self, result: Result<(), BrokenOff>) -> Filled {
        let mut state = self.lock();
        state.ended = Some(result.clone());
        state.wake_readers();
        match result {
            Err(error) => return Filled::Broken(error),
            Ok(()) if !state.is_kept => return Filled::TooLong,
            Ok(()) => {}
        }
        let pieces: Vec<Bytes> = state.pieces.iter().cloned().collect();
        let length = state.received;
        drop(state);
        Filled::Whole(Whole {
            pieces: compact(&pieces),
            length,
        })
    }
}

/// The same bytes in pieces of their own: what came in may be a small part of a large buffer.
fn compact(pieces: &[Bytes]) -> Arc<[Bytes]> {
    let mut left: usize = pieces.iter().map(Bytes::len).sum();
    let mut compacted = Vec::new();
    let mut piece = BytesMut::with_capacity(left.min(PIECE_BYTES));
    for part in pieces {
        let mut part = part.as_ref();
        while !part.is_empty() {
            let (now, later) = part.split_at(part.len().min(PIECE_BYTES - piece.len()));
            piece.extend_from_slice(now);
            left -= now.len();
            part = later;
            if piece.len() == PIECE_BYTES {
                let next = BytesMut::with_capacity(left.min(PIECE_BYTES));
                compacted.push(std::mem::replace(&mut piece, next).freeze());
            }
        }
    }
    if !piece.is_empty() {
        compacted.push(piece.freeze());
    }
    compacted.into()
}

impl State {
    fn wake_readers(&mut self) {
        for place in self.readers.iter_mut().flatten() {
            if let Some(waker) = place.waker.take() {
                waker.wake();
            }
        }
    }

    /// Where the slowest reader is, in bytes.
    fn slowest(&self) -> Option<u64> {
        self.readers.iter().flatten().map(|place| place.bytes).min()
    }

    /// Drops pieces that every reader has had.
    fn give_up(&mut self) {
        let first = self.readers.iter().flatten().map(|place| place.piece).min();
        let Some(first) = first else { return };
        while self.given_up < first && self.pieces.pop_front().is_some() {
            self.given_up += 1;
        }
    }
}

/// Reads what is coming in.
struct FillingReader {
    filling: Arc<Filling>,
    id: usize,
}

impl HttpBody for FillingReader {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        let mut state = self.filling.lock();
        let State {
            pieces,
            given_up,
            ended,
            readers,
            filler,
            ..
        } = &mut *state;
        let Some(place) = readers[self.id].as_mut() else {
            return Poll::Ready(None);
        };
        if let Some(piece) = pieces.get(place.piece - *given_up) {
            place.piece += 1;
            place.bytes += piece.len() as u64;
            if let Some(filler) = filler.take() {
                filler.wake();
            }
            return Poll::Ready(Some(Ok(Frame::data(piece.clone()))));
        }
        match ended {
            Some(Ok(())) => Poll::Ready(None),
            Some(Err(error)) => Poll::Ready(Some(Err(error.clone()))),
            None => {
                place.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        let state = self.filling.lock();
        let read = state.readers[self.id].as_ref().map_or(0, |p| p.bytes);
        self.filling
            .length
            .map_or_else(SizeHint::default, |length| {
                SizeHint::with_exact(length.saturating_sub(read))
            })
    }
}

impl Drop for FillingReader {
    fn drop(&mut self) {
        let mut state = self.filling.lock();
        state.readers[self.id] = None;
        if let Some(filler) = state.filler.take() {
            filler.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::StreamBody;

    fn source(pieces: Vec<Result<&'static [u8], &'static str>>) -> Body {
        let frames = pieces.into_iter().map(|piece| match piece {
            Ok(bytes) => Ok(Frame::data(Bytes::from_static(bytes))),
            Err(text) => Err(text.into()),
        });
        StreamBody::new(futures::stream::iter(frames.collect::<Vec<_>>())).boxed_unsync()
    }

    async fn text(body: Body) -> Result<String, String> {
        let bytes = body.collect().await.map_err(|e| e.to_string())?.to_bytes();
        Ok(String::from_utf8(bytes.to_vec()).expect("text"))
    }

    #[tokio::test]
    async fn everyone_reads_all_of_it_whenever_he_comes() {
        let filling = Filling::new(None);
        let early = Stored::Filling(filling.clone())
            .read_all()
            .expect("a reader");
        let body = source(vec![Ok(b"one "), Ok(b"two "), Ok(b"three")]);
        let filled = filling.fill(body, |_| true).await;
        let late = Stored::Filling(filling.clone())
            .read_all()
            .expect("a reader");
        assert_eq!(text(early).await.as_deref(), Ok("one two three"));
        assert_eq!(text(late).await.as_deref(), Ok("one two three"));
        let Filled::Whole(whole) = filled else {
            panic!("it is whole");
        };
        assert_eq!(whole.pieces.len(), 1);
        for (range, expected) in [(0..13, "one two three"), (4..7, "two"), (12..13, "e")] {
            assert_eq!(text(whole.read(range)).await.as_deref(), Ok(expected));
        }
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_breaks_off_for_everyone_and_is_not_kept() {
        let filling = Filling::new(None);
        let reader = Stored::Filling(filling.clone())
            .read_all()
            .expect("a reader");
        let filled = filling.fill(source(vec![Ok(b"one"), Err("gone")]), |_| true);
        assert!(matches!(filled.await, Filled::Broken(_)));
        assert_eq!(text(reader).await, Err("gone".to_owned()));
        assert!(Stored::Filling(filling).read_all().is_none());
    }

    #[tokio::test]
    async fn what_is_too_long_waits_for_its_readers_and_ends_with_them() {
        const PIECE: &[u8] = &[b'x'; 64 << 10];
        let pieces = 64;
        let filling = Filling::new(None);
        let (a, b) = (
            Stored::Filling(filling.clone())
                .read_all()
                .expect("a reader"),
            Stored::Filling(filling.clone())
                .read_all()
                .expect("a reader"),
        );
        let body = source(vec![Ok(PIECE); pieces]);
        let filler = filling.clone();
        let fill = tokio::spawn(async move { filler.fill(body, |so_far| so_far < 200_000).await });
        let total = pieces * PIECE.len();
        let (a, b) = tokio::join!(text(a), text(b));
        assert_eq!(a.expect("whole").len(), total);
        assert_eq!(b.expect("whole").len(), total);
        assert!(matches!(fill.await.expect("no panic"), Filled::TooLong));

        let filling = Filling::new(None);
        let reader = Stored::Filling(filling.clone())
            .read_all()
            .expect("a reader");
        drop(reader);
        let body = source(vec![Ok(PIECE); pieces]);
        assert!(matches!(
            filling.fill(body, |_| false).await,
            Filled::TooLong
        ));
        assert!(filling.lock().received < total as u64, "it was given up");
    }
}
