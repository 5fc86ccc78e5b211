//! A watched folder whose components come and go in a composition.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use futures::FutureExt;
use futures::future::{Either, pending, select};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};
use tracing::Instrument;

use crate::assembly::ComposableDescriptor;
use crate::composition::{Composition, Shutdown, WeakComposition};
use crate::error::{PartError, RemoveError, ReplaceError};
use crate::limits::durations::MAX_TIMEOUT;
use crate::runtime::{FeedError, FeedEvent, FolderEvent, FolderWatch, LoadedComponent};

impl FolderWatch {
    /// Adds the components of the folder to a composition, replaces those whose files
    /// change, and removes those whose files are gone.
    ///
    /// `make` makes the part, under the name of the file without its extension: for a list
    /// of a [`compose!`](crate::compose!) by the function of the generated parts
    /// (`AppParts::plugins(name, component.part())`), otherwise by
    /// [`ComposableDescriptor::new`]. Calls that run in a component that is replaced or
    /// removed get `grace` to end.
    ///
    /// A component that needs another one of the folder is added once that one is there.
    ///
    /// ```
    /// # use std::time::Duration;
    /// use composer::{ComposableDescriptor, Composer, Runtime};
    /// use composer::runtime::FeedEvent;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = std::env::temp_dir().join(format!("composer-feed-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// # std::fs::write(folder.join("nothing.wasm"), b"\0asm\x0d\0\x01\0")?;
    /// # let folder = &folder;
    /// let runtime = Runtime::new()?;
    /// let composition = Composer::new().compose().await?;
    /// let (often, grace) = (Duration::from_secs(1), Duration::from_secs(10));
    /// let mut feed = runtime.watch_folder(folder, often).feed(
    ///     &composition,
    ///     grace,
    ///     |name, component| Ok(ComposableDescriptor::new(name, component.part())),
    /// );
    /// while let Some(event) = feed.next().await {
    ///     println!("{event:?}");
    /// #   let FeedEvent::Added { component, .. } = event else { panic!("{event:?}") };
    /// #   assert_eq!(component, "nothing");
    /// #   break;
    /// }
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn feed<F>(self, composition: &Composition, grace: Duration, make: F) -> FolderFeed
    where
        F: FnMut(&str, LoadedComponent) -> Result<ComposableDescriptor, PartError> + Send + 'static,
    {
        FolderFeed {
            watch: self,
            composition: composition.downgrade(),
            grace,
            make: Box::new(make),
            files: BTreeMap::new(),
            due: Vec::new(),
            failed: Vec::new(),
            events: VecDeque::new(),
            current: None,
            retry: None,
        }
    }
}

/// Keeps a composition and a folder alike. Made by [`FolderWatch::feed`].
///
/// It begins changes only while [`next`](FolderFeed::next) is awaited; one that has begun
/// goes on in a task of its own. Between changes it does not keep the composition running.
/// To end it, drop it; the components stay.
pub struct FolderFeed {
    watch: FolderWatch,
    composition: WeakComposition,
    grace: Duration,
    make: Box<MakePart>,
    files: BTreeMap<PathBuf, FedFile>,
    /// Files whose change is still to be made, each once; the last is the next.
    due: Vec<PathBuf>,
    /// Why changes were not made since the last one that was. Other changes may help.
    failed: Vec<(PathBuf, FeedError)>,
    events: VecDeque<FeedEvent>,
    /// The change that is being made. It is a task of its own, so that it goes on while
    /// `next` is not awaited: it may hold the calls to a component.
    current: Option<JoinHandle<ChangeAttempt>>,
    /// When to try again what was refused because calls took too long.
    retry: Option<Instant>,
}

/// How long calls are left alone after a replacement has waited for them in vain.
const SHORTEST_REST: Duration = Duration::from_secs(1);

type MakePart = dyn FnMut(&str, LoadedComponent) -> Result<ComposableDescriptor, PartError> + Send;

/// What is known of a file.
#[derive(Default)]
struct FedFile {
    /// The component that was made of it.
    component: Option<String>,
    /// What it contains; `None` once it is gone.
    content: Option<LoadedComponent>,
    /// Whether there is nothing to do until the file changes.
    is_settled: bool,
    /// Whether it was reported that its change cannot be made.
    is_reported: bool,
    /// Whether the calls in its component took too long for a change.
    is_busy: bool,
}

/// The end of an attempt to make the change of a file.
struct ChangeAttempt {
    path: PathBuf,
    result: Result<FolderChange, FeedError>,
}

enum FolderChange {
    Added(String),
    Replaced(String),
    Removed(String, Shutdown),
}

impl FolderFeed {
    /// Waits for the next change, and makes it. `None` once the composition has been shut
    /// down or is gone.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses nothing: the next one continues where it was.
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime, or in one whose timers are not enabled.
    pub async fn next(&mut self) -> Option<FeedEvent> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            if let Some(current) = &mut self.current {
                let outcome = current.await;
                self.current = None;
                match outcome {
                    Ok(outcome) => self.note(outcome),
                    // The tokio runtime ends, or the embedder's code has panicked in it.
                    Err(error) => match error.try_into_panic() {
                        Ok(panic) => std::panic::resume_unwind(panic),
                        Err(_) => return None,
                    },
                }
                continue;
            }
            let composition = self.composition.upgrade().filter(|c| !c.is_closed())?;
            if let Some(path) = self.due.pop() {
                self.begin(composition, path);
                continue;
            }
            self.report();
            if !self.events.is_empty() {
                continue;
            }
            let mut others = composition.events();
            // Waiting must not keep it running.
            drop(composition);
            let retry = self.retry;
            let woken = {
                let end = pin!(async { while others.next().await.is_some() {} });
                let again = pin!(async {
                    match retry {
                        Some(at) => sleep_until(at).await,
                        None => pending().await,
                    }
                });
                let event = pin!(self.watch.next());
                match select(end, select(event, again)).await {
                    Either::Left(_) => return None,
                    Either::Right((Either::Left((event, _)), _)) => Some(event),
                    Either::Right((Either::Right(_), _)) => None,
                }
            };
            match woken {
                Some(event) => self.take(event),
                None => self.retry = None,
            }
            while let Some(event) = self.watch.next_ready() {
                self.take(event);
            }
            self.look_again();
        }
    }

    /// Notes what has happened in the folder.
    fn take(&mut self, event: FolderEvent) {
        let (path, content) = match event {
            FolderEvent::Loaded { path, component } | FolderEvent::Changed { path, component } => {
                (path, Some(component))
            }
            FolderEvent::Removed { path } => (path, None),
            FolderEvent::Failed { path, error } => {
                let error = error.into();
                self.events.push_back(FeedEvent::Failed { path, error });
                return;
            }
        };
        let file = self.files.entry(path).or_default();
        file.content = content;
        file.is_settled = false;
        file.is_reported = false;
        file.is_busy = false;
    }

    /// Tries all changes that are still to be made, in the order of the files.
    fn look_again(&mut self) {
        let is_resting = self.retry.is_some();
        let is_due = |file: &FedFile| !(file.is_settled || file.is_busy && is_resting);
        let due = self.files.iter().filter(|(_, file)| is_due(file));
        self.due = due.rev().map(|(path, _)| path.clone()).collect();
        self.failed.clear();
    }

    /// Begins to make the change of a file.
    fn begin(&mut self, composition: Composition, path: PathBuf) {
        let Some(file) = self.files.get(&path) else {
            return;
        };
        let grace = self.grace;
        let known = file.component.clone();
        let content = file.content.clone();
        let part = content.map(|content| (self.make)(&name_of(&path), content));
        let change = async move {
            Ok(match (part.transpose()?, known) {
                (Some(part), Some(known)) => {
                    let component = composition.component(&known).map_err(ReplaceError::from)?;
                    component.replace(part, grace).await?;
                    FolderChange::Replaced(known)
                }
                (Some(part), None) => {
                    let component = composition.add(part).await?;
                    FolderChange::Added(component.name().to_owned())
                }
                (None, known) => {
                    let known = known.unwrap_or_default();
                    let component = composition.component(&known).map_err(RemoveError::from)?;
                    let end = component.remove(grace).await?;
                    FolderChange::Removed(known, end)
                }
            })
        };
        let attempt = change.map(|result| ChangeAttempt { path, result });
        self.current = Some(tokio::spawn(attempt.in_current_span()));
    }

    /// Notes how an attempt ended.
    fn note(&mut self, ChangeAttempt { path, result }: ChangeAttempt) {
        let Some(file) = self.files.get_mut(&path) else {
            return;
        };
        match result {
            Ok(change) => {
                file.is_settled = true;
                self.events.push_back(match change {
                    FolderChange::Added(component) => {
                        file.component = Some(component.clone());
                        FeedEvent::Added { component, path }
                    }
                    FolderChange::Replaced(component) => FeedEvent::Replaced { component, path },
                    FolderChange::Removed(component, end) => {
                        self.files.remove(&path);
                        FeedEvent::Removed {
                            component,
                            path,
                            end,
                        }
                    }
                });
                // It may be what others have waited for.
                self.look_again();
            }
            Err(FeedError::Replace(ReplaceError::Lookup(_) | ReplaceError::Removed { .. })) => {
                // The embedder has removed it.
                file.component = None;
                self.due.push(path);
            }
            Err(FeedError::Remove(RemoveError::Lookup(_) | RemoveError::Gone { .. })) => {
                self.files.remove(&path);
            }
            Err(error) => {
                file.is_settled = !error.depends_on_others();
                file.is_busy = matches!(error, FeedError::Replace(ReplaceError::Busy { .. }));
                if file.is_busy {
                    // The same time again for the others, whose calls it has held.
                    let rest = self.grace.clamp(SHORTEST_REST, MAX_TIMEOUT);
                    self.retry = Some(Instant::now() + rest);
                }
                self.failed.push((path, error));
            }
        }
    }

    /// Reports the changes that cannot be made now, each once.
    fn report(&mut self) {
        for (path, error) in std::mem::take(&mut self.failed) {
            if let Some(file) = self.files.get_mut(&path)
                && !std::mem::replace(&mut file.is_reported, true)
            {
                self.events.push_back(FeedEvent::Failed { path, error });
            }
        }
    }
}

/// The name of a component by its file.
fn name_of(path: &Path) -> String {
    let name = path.file_stem().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

impl fmt::Debug for FolderFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FolderFeed({:?})", self.watch)
    }
}
