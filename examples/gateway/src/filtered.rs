//! Bodies on their way through filters.
//!
//! ```text
//! client ── pump ──▶ filter ── pump ──▶ filter ── pump ──▶ upstream
//! ```
//!
//! Each filter that watches a body gets a stream and gives another. A pump carries the bytes
//! from one to the next, so a slow side slows down the others, and a filter that ends takes
//! none with it. All pumps of a body are one task, which ends when the body is dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use composer::{StreamReader, StreamWriter, stream_with_buffer};
use futures::future::try_join_all;
use futures::stream::poll_fn;
use http_body_util::{BodyExt, StreamBody};
use hyper::Response;
use hyper::body::{Bytes, Frame};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
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
    let (to, mut frames) = mpsc::channel(1);
    let mut task = JoinSet::new();
    task.spawn(run(from, passage, way, blocked, to));
    let frames = poll_fn(move |cx| {
        // Dropping the set ends the task.
        let _held = &task;
        frames.poll_recv(cx)
    });
    StreamBody::new(frames).boxed_unsync()
}

type FrameSender = mpsc::Sender<Result<Frame<Bytes>, BodyError>>;

async fn run(
    from: Body,
    passage: Arc<Passage>,
    way: Way,
    blocked: Option<oneshot::Sender<Response<Body>>>,
    to: FrameSender,
) {
    let error = match flow(from, &passage, way, &to).await {
        Ok(trailers) => {
            if let Some(trailers) = trailers {
                let _ = to.send(Ok(trailers)).await;
            }
            return;
        }
        Err(FlowError::Left) => return,
        Err(FlowError::Broken(error)) => error,
        Err(FlowError::Stop(stop)) => {
            if let Stop::Fault(fault) = &stop {
                tracing::warn!(%fault, "a body broke off");
            }
            if let (Some(blocked), Some(response)) = (blocked, stop.response()) {
                // The receiver is gone if the upstream has answered by now.
                let _ = blocked.send(response);
            }
            Box::new(Broken::Filtered)
        }
    };
    let _ = to.send(Err(error)).await;
}

/// The reason why a body does not continue.
enum FlowError {
    /// The reader of the body is gone.
    Left,
    Broken(BodyError),
    Stop(Stop),
}

impl From<Stop> for FlowError {
    fn from(stop: Stop) -> Self {
        FlowError::Stop(stop)
    }
}

/// A filter that has the body.
struct FilterStage<'a> {
    link: &'a Link,
    pump: BodyPump,
    /// It has said how the body ends.
    has_said: AtomicBool,
}

/// Where the bytes come from.
enum PumpSource<'a> {
    /// From outside, with what follows the bytes.
    Outside(Body, Option<Frame<Bytes>>),
    Filter(&'a Link, StreamReader<u8>),
}

/// Where they go.
enum PumpTarget<'a> {
    Outside(&'a FrameSender),
    Filter(StreamWriter<u8>),
}

/// Lets the body flow to its end, and returns its trailers.
async fn flow(
    from: Body,
    passage: &Passage,
    way: Way,
    to: &FrameSender,
) -> Result<Option<Frame<Bytes>>, FlowError> {
    let mut stages = Vec::new();
    let mut ends = Vec::new();
    let mut pipes = Vec::new();
    let mut source = PumpSource::Outside(from, None);
    for link in passage.watching(way) {
        let (writer, reader) = stream_with_buffer(passage.buffer_bytes());
        let Some(passed) = passage.body(link, way, reader).await? else {
            continue;
        };
        pipes.push((source, PumpTarget::Filter(writer)));
        source = PumpSource::Filter(link, passed.bytes);
        stages.push(FilterStage {
            link,
            pump: BodyPump::default(),
            has_said: AtomicBool::new(false),
        });
        ends.push(passed.end);
    }
    let last = BodyPump::default();
    let pumps = stages.iter().map(|stage| &stage.pump);
    let feeds = pipes.into_iter().zip(pumps);
    let feeds = try_join_all(feeds.map(|((from, to), pump)| pump.run(from, to)));
    let ends = stages.iter().zip(ends);
    let ends = try_join_all(ends.map(|(stage, end)| stage.end(passage, end)));
    let over = async { tokio::try_join!(last.run(source, PumpTarget::Outside(to)), ends) };
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

impl FilterStage<'_> {
    async fn end(&self, passage: &Passage, end: BodyEnd) -> Result<(), FlowError> {
        passage.end(self.link, end).await?;
        self.has_said.store(true, Ordering::Relaxed);
        Ok(())
    }
}

/// Comes back when a filter has done nothing for as long as it may.
async fn stuck(stages: &[FilterStage<'_>], last: &BodyPump) -> Stop {
    let pumps = || stages.iter().map(|stage| &stage.pump).chain([last]);
    let moves = || pumps().map(|pump| pump.state().moves).sum::<u64>();
    let patience = |stage: &FilterStage<'_>| stage.link.lease().patience();
    let Some(step) = stages.iter().map(patience).min() else {
        return std::future::pending().await;
    };
    let mut seen = moves();
    let mut since = Instant::now();
    loop {
        sleep(step).await;
        let waits: Vec<PumpWait> = pumps().map(|pump| pump.state().waits_for).collect();
        let is_outside = waits.contains(&PumpWait::Outside);
        if seen != moves() || is_outside {
            (seen, since) = (moves(), Instant::now());
            continue;
        }
        // The one that has what it needs, and for which what follows waits.
        let idle = |at: &usize| {
            let has_said = stages[*at].has_said.load(Ordering::Relaxed);
            waits[*at] == PumpWait::Room && (waits[at + 1] == PumpWait::Bytes || !has_said)
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

/// What carries bytes from one to the next.
#[derive(Default)]
struct BodyPump(Mutex<PumpState>);

#[derive(Clone, Copy, Default)]
struct PumpState {
    waits_for: PumpWait,
    /// How often that has changed.
    moves: u64,
}

/// What a pump waits for.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum PumpWait {
    /// A filter that is to write.
    #[default]
    Bytes,
    /// A filter that is to read. A pump that is done waits for it too: for what it makes of
    /// the bytes.
    Room,
    /// The client or the upstream.
    Outside,
}

impl BodyPump {
    fn state(&self) -> PumpState {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, waits_for: PumpWait) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.waits_for = waits_for;
        state.moves += 1;
    }

    /// Carries all there is, and returns the trailers.
    async fn run(
        &self,
        mut from: PumpSource<'_>,
        mut to: PumpTarget<'_>,
    ) -> Result<Option<Frame<Bytes>>, FlowError> {
        loop {
            self.set(from.waits_for());
            let Some(piece) = from.next().await? else {
                break;
            };
            self.set(to.waits_for());
            if !to.put(piece).await? {
                break;
            }
        }
        self.set(PumpWait::Room);
        match from {
            PumpSource::Outside(_, trailers) => Ok(trailers),
            PumpSource::Filter(..) => Ok(None),
        }
    }
}

impl PumpSource<'_> {
    fn waits_for(&self) -> PumpWait {
        match self {
            PumpSource::Outside(..) => PumpWait::Outside,
            PumpSource::Filter(..) => PumpWait::Bytes,
        }
    }

    async fn next(&mut self) -> Result<Option<Bytes>, FlowError> {
        match self {
            PumpSource::Outside(body, trailers) => {
                while let Some(frame) = body.frame().await {
                    match frame.map_err(FlowError::Broken)?.into_data() {
                        Ok(data) if data.is_empty() => {}
                        Ok(data) => return Ok(Some(data)),
                        Err(frame) => *trailers = Some(frame),
                    }
                }
                Ok(None)
            }
            PumpSource::Filter(link, bytes) => {
                let mut piece = Vec::with_capacity(PIECE);
                match bytes.read_buf(&mut piece).await {
                    Ok(0) => Ok(None),
                    Ok(_) => Ok(Some(Bytes::from(piece))),
                    Err(error) => Err(FlowError::Stop(Stop::Fault(
                        link.lease().body(error.into()),
                    ))),
                }
            }
        }
    }
}

impl PumpTarget<'_> {
    fn waits_for(&self) -> PumpWait {
        match self {
            PumpTarget::Outside(..) => PumpWait::Outside,
            PumpTarget::Filter(..) => PumpWait::Room,
        }
    }

    /// Whether more can follow: a filter may have seen enough.
    async fn put(&mut self, piece: Bytes) -> Result<bool, FlowError> {
        match self {
            PumpTarget::Outside(frames) => {
                let sent = frames.send(Ok(Frame::data(piece))).await;
                sent.map_err(|_| FlowError::Left).map(|()| true)
            }
            PumpTarget::Filter(writer) => Ok(writer.write_all(&piece).await.is_ok()),
        }
    }
}
