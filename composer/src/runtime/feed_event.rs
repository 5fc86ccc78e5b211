//! What a feed of a folder reports.

use std::path::PathBuf;

use thiserror::Error;

use crate::composition::Shutdown;
use crate::error::{AddError, LoadError, PartError, RemoveError, ReplaceError};

/// A change that a [`FolderFeed`](crate::runtime::FolderFeed) has made, or could not make.
#[derive(Debug)]
#[non_exhaustive]
pub enum FeedEvent {
    /// A component was added to the composition.
    Added {
        /// Its name in the composition.
        component: String,
        /// Its file.
        path: PathBuf,
    },
    /// A component was replaced, since its file has changed.
    Replaced {
        /// Its name in the composition.
        component: String,
        /// Its file.
        path: PathBuf,
    },
    /// A component was removed, since its file is gone.
    Removed {
        /// Its name in the composition.
        component: String,
        /// Its file.
        path: PathBuf,
        /// How it ended.
        end: Shutdown,
    },
    /// The composition stays as it is. What depends on other components is tried again
    /// after each change that succeeds, and after each change of the folder; what was refused
    /// because calls took too long, once as much time has passed again.
    Failed {
        /// The file, or the folder.
        path: PathBuf,
        /// The reason.
        error: FeedError,
    },
}

/// Why a change of a folder was not made in the composition.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FeedError {
    /// The file cannot be loaded, or the folder cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// No part could be made of it.
    #[error(transparent)]
    Part(#[from] PartError),
    /// The component was not added.
    #[error(transparent)]
    Add(#[from] AddError),
    /// The component was not replaced, and the one that was there continues.
    #[error(transparent)]
    Replace(#[from] ReplaceError),
    /// The component was not removed.
    #[error(transparent)]
    Remove(#[from] RemoveError),
}

impl FeedError {
    /// Whether the change may be possible once other components have changed.
    pub(super) fn depends_on_others(&self) -> bool {
        match self {
            FeedError::Load(_) | FeedError::Part(_) => false,
            FeedError::Add(error) => matches!(
                error,
                AddError::Exists { .. } | AddError::Plan { .. } | AddError::Rewired { .. }
            ),
            FeedError::Replace(error) => matches!(
                error,
                ReplaceError::Plan { .. }
                    | ReplaceError::Rewired { .. }
                    | ReplaceError::Busy { .. }
            ),
            FeedError::Remove(_) => true,
        }
    }
}
