//! Bodies on their way through filters.
//!
//! ```text
//! client ── pump ──▶ filter ── pump ──▶ filter ── pump ──▶ upstream
//! ```
//!
//! Each filter that watches a body gets a stream and gives another. A pump carries the bytes
//! from one to the next, so a slow side slows down the others, and a filter that ends takes
//! none with it. All pumps of a body are one task, which ends with whoever reads the body.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::task::{Context, Poll};

use composer::{StreamReader, StreamWriter, stream_with_buffer};
use futures::future::try_join_all;
use http_body_util::BodyExt;
use hyper::Response;
use hyper::body::{Body as HttpBody, Bytes, Frame};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep};

use crate::body::{Body, BodyError, Broken};
use crate::chain::{BodyEnd, Link, Passage, Stop, Way};

/// The most that is read of a filter's stream at once, in bytes.
const PIECE: usize = 16 << 10;

/// Sends a body through the filters that watch it. If one of them blocks the request, its
/// response is sent to `blocked`.
pub fn filtered(
    from: Body,
    passage: Arc<Passage>,
    way: Way,
    blocked: Option<oneshot::Sender<Response<Body>>>,
) -> Body {
    let (to, frames) = mpsc::channel(1);
    let task = tokio::spawn(run(from, passage, way, blocked, to));
    Filtered {
        frames,
        task: task.abort_handle(),
    }
    .boxed_unsync()
}

type Frames = mpsc::Sender<Result<Frame<Bytes>, BodyError>>;

async fn run(
    from: Body,
    passage: Arc<Passage>,
    way: Way,
    blocked: Option<oneshot::Sender<Response<Body>>>,
    to: Frames,
) {
    let ended = match flow(from, &passage, way, &to).await {
        Ok(None) | Err(Ended::Left) => return,
        Ok(Some(trailers)) => {
            let _ = to.send(Ok(trailers)).await;
            return;
        }
        Err(ended) => ended,
    };
    let error = match ended {
        Ended::Broken(error) => error,
        Ended::Stop(stop) => {
            if let Stop::Fault(fault) = &stop {
                tracing::warn!(%fault, "a body broke off");
            }
            if let (Some(blocked), Some(response)) = (blocked, stop.response()) {
                // The receiver is gone if the upstream has answered by now.
                let _ = blocked.send(response);
            }
            Box::new(Broken::Filtered)
        }
        Ended::Left => return,
    };
    let _ = to.send(Err(error)).await;
}

/// The reason why a body does not continue.
enum Ended {
    /// The reader of the body is gone.
    Left,
    Broken(BodyError),
    Stop(Stop),
}

impl From<Stop> for Ended {
    fn from(stop: Stop) -> Self {
        Ended::Stop(stop)
    }
}

/// A filter that has the body.
struct Stage<'a> {
    link: &'a Link,
    pump: Pump,
    /// It has said how the body ends.
    has_said: AtomicBool,
}

/// Where the bytes come from.
enum Source<'a> {
    /// From outside, with what follows the bytes.
    Outside(Body, Option<Frame<Bytes>>),
    Filter(&'a Link, StreamReader<u8>),
}

/// Where they go.
enum Target<'a> {
    Outside(&'a Frames),
    Filter(StreamWriter<u8>),
}

/// Lets the body flow to its end, and returns its trailers.
async fn flow(
    from: Body,
    passage: &Passage,
    way: Way,
    to: &Frames,
) -> Result<Option<Frame<Bytes>>, Ended> {
    let mut stages = Vec::new();
    let mut ends = Vec::new();
    let mut pipes = Vec::new();
    let mut source = Source::Outside(from, None);
    for link in passage.watching(way) {
        let (writer, reader) = stream_with_buffer(passage.buffer_bytes());
        let Some(passed) = passage.body(link, way, reader).await? else {
            continue;
        };
        pipes.push((source, Target::Filter(writer)));
        source = Source::Filter(link, passed.bytes);
        stages.push(Stage {
            link,
            pump: Pump::default(),
            has_said: AtomicBool::new(false),
        });
        ends.push(passed.end);
    }
    let last = Pump::default();
    let pumps = stages.iter().map(|stage| &stage.pump);
    let feeds = pipes.into_iter().zip(pumps);
    let feeds = try_join_all(feeds.map(|((from, to), pump)| pump.run(from, to)));
    let ends = stages.iter().zip(ends);
    let ends = try_join_all(ends.map(|(stage, end)| stage.end(passage, end)));
    let over = async { tokio::try_join!(last.run(source, Target::Outside(to)), ends) };
    let stuck = stuck(&stages, &last);
    tokio::pin!(feeds, over, stuck);
    let mut fed = None;
    loop {
        // The first filter gets the end of the body after its trailers have been read.
        tokio::select! {
            biased;
            done = &mut feeds, if fed.is_none() => fed = Some(done?),
            done = &mut over => {
                let (trailers, _) = done?;
                return Ok(trailers.or(fed.into_iter().flatten().flatten().next()));
            }
            stop = &mut stuck => return Err(stop.into()),
        }
    }
}

impl Stage<'_> {
    async fn end(&self, passage: &Passage, end: BodyEnd) -> Result<(), Ended> {
        passage.end(self.link, end).await?;
        self.has_said.store(true, Ordering::Relaxed);
        Ok(())
    }
}

/// Comes back when a filter has done nothing for as long as it may.
async fn stuck(stages: &[Stage<'_>], last: &Pump) -> Stop {
    let pumps: Vec<&Pump> = stages
        .iter()
        .map(|stage| &stage.pump)
        .chain([last])
        .collect();
    let moves = || pumps.iter().map(|pump| pump.moves()).sum::<u64>();
    let reads = |at: usize| pumps[at].state() == State::Reads;
    let patience = |stage: &Stage<'_>| stage.link.lease().patience();
    let Some(step) = stages.iter().map(patience).min() else {
        return std::future::pending().await;
    };
    let mut seen = moves();
    let mut since = Instant::now();
    loop {
        sleep(step).await;
        let is_outside = pumps.iter().any(|pump| pump.state() == State::Outside);
        if seen != moves() || is_outside {
            (seen, since) = (moves(), Instant::now());
            continue;
        }
        // The one that has what it needs, and for which what follows waits.
        let idle = |at: &usize| {
            let has_said = stages[*at].has_said.load(Ordering::Relaxed);
            !reads(*at) && (reads(at + 1) || !has_said)
        };
        let Some(at) = (0..stages.len()).rev().find(idle) else {
            continue;
        };
        if since.elapsed() < patience(&stages[at]) {
            continue;
        }
        // Perhaps it had no processor. When it has answered, it had one.
        let lease = stages[at].link.lease();
        match lease.health().await {
            Err(fault) => return Stop::Fault(fault),
            Ok(()) if seen == moves() => return Stop::Fault(lease.stuck()),
            Ok(()) => {}
        }
    }
}

/// What carries bytes from one to the next, seen by those who wait for it.
#[derive(Default)]
struct Pump {
    state: AtomicU8,
    /// How often its state has changed.
    moves: AtomicU64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// It waits for a filter to write.
    Reads,
    /// It waits for a filter to read, or is done.
    Writes,
    /// It waits for the client or the upstream.
    Outside,
}

impl Pump {
    fn state(&self) -> State {
        match self.state.load(Ordering::Relaxed) {
            0 => State::Reads,
            1 => State::Writes,
            _ => State::Outside,
        }
    }

    fn moves(&self) -> u64 {
        self.moves.load(Ordering::Relaxed)
    }

    fn set(&self, state: State) {
        self.state.store(state as u8, Ordering::Relaxed);
        self.moves.fetch_add(1, Ordering::Relaxed);
    }

    /// Carries all there is, and returns the trailers.
    async fn run(
        &self,
        mut from: Source<'_>,
        mut to: Target<'_>,
    ) -> Result<Option<Frame<Bytes>>, Ended> {
        loop {
            self.set(from.waiting());
            let Some(piece) = from.next().await? else {
                break;
            };
            self.set(to.waiting());
            if !to.put(piece).await? {
                break;
            }
        }
        self.set(State::Writes);
        match from {
            Source::Outside(_, trailers) => Ok(trailers),
            Source::Filter(..) => Ok(None),
        }
    }
}

impl Source<'_> {
    fn waiting(&self) -> State {
        match self {
            Source::Outside(..) => State::Outside,
            Source::Filter(..) => State::Reads,
        }
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Ended> {
        match self {
            Source::Outside(body, trailers) => {
                while let Some(frame) = body.frame().await {
                    match frame.map_err(Ended::Broken)?.into_data() {
                        Ok(data) if data.is_empty() => {}
                        Ok(data) => return Ok(Some(data)),
                        Err(frame) => *trailers = Some(frame),
                    }
                }
                Ok(None)
            }
            Source::Filter(link, bytes) => {
                let mut piece = Vec::with_capacity(PIECE);
                match bytes.read_buf(&mut piece).await {
                    Ok(0) => Ok(None),
                    Ok(_) => Ok(Some(Bytes::from(piece))),
                    Err(error) => Err(Ended::Stop(Stop::Fault(link.lease().body(error.into())))),
                }
            }
        }
    }
}

impl Target<'_> {
    fn waiting(&self) -> State {
        match self {
            Target::Outside(..) => State::Outside,
            Target::Filter(..) => State::Writes,
        }
    }

    /// Whether more can follow: a filter may have seen enough.
    async fn put(&mut self, piece: Bytes) -> Result<bool, Ended> {
        match self {
            Target::Outside(frames) => {
                let sent = frames.send(Ok(Frame::data(piece))).await;
                sent.map_err(|_| Ended::Left).map(|()| true)
            }
            Target::Filter(writer) => Ok(writer.write_all(&piece).await.is_ok()),
        }
    }
}

/// The output of the task. Dropping it ends the task.
struct Filtered {
    frames: mpsc::Receiver<Result<Frame<Bytes>, BodyError>>,
    task: AbortHandle,
}

impl HttpBody for Filtered {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.frames.poll_recv(cx)
    }
}

impl Drop for Filtered {
    fn drop(&mut self) {
        self.task.abort();
    }
}
