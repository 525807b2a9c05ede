//! Assets on this node's disk, by content: what was served once is served on while Redis is away.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use bytes::Bytes;

use crate::model::CodeHash;

/// The files of one node, up to a bound.
pub(super) struct Disk {
    directory: PathBuf,
    bytes_max: u64,
    /// Bytes that are there, as far as this process knows.
    held: AtomicU64,
}

impl Disk {
    /// Opens the directory, or makes it, readable by this user only.
    ///
    /// # Errors
    /// When it cannot be made or read.
    pub(super) fn open(data_dir: &Path, bytes_max: u64) -> io::Result<Self> {
        let directory = data_dir.join("assets");
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&directory)?;
        let disk = Self {
            directory,
            bytes_max,
            held: AtomicU64::new(0),
        };
        disk.held.store(
            disk.files()?.iter().map(|(_, bytes, _)| bytes).sum(),
            Ordering::Relaxed,
        );
        Ok(disk)
    }

    /// What lies under this hash, if it is what the hash stands for.
    pub(super) fn load(&self, hash: &CodeHash) -> Option<Bytes> {
        let path = self.path(hash);
        let bytes = fs::read(&path).ok()?;
        if CodeHash::of(&bytes) != *hash {
            // Nobody waits for it to be gone: a file that stays is refused again.
            let _ = fs::remove_file(&path);
            return None;
        }
        if let Ok(file) = fs::File::options().append(true).open(&path) {
            // For the sweep, which takes what was unused longest.
            let _ = file.set_modified(SystemTime::now());
        }
        Some(bytes.into())
    }

    /// Keeps a file, and removes those unused longest when there are too many.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub(super) fn keep(&self, hash: &CodeHash, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() as u64 > self.bytes_max {
            return Ok(());
        }
        let mut file = tempfile::NamedTempFile::new_in(&self.directory)?;
        file.write_all(bytes)?;
        // Without a sync: half a file does not pass its check.
        file.persist(self.path(hash)).map_err(|e| e.error)?;
        let bytes = bytes.len() as u64;
        match self.held.fetch_add(bytes, Ordering::Relaxed) + bytes > self.bytes_max {
            true => self.sweep(),
            false => Ok(()),
        }
    }

    fn path(&self, hash: &CodeHash) -> PathBuf {
        self.directory.join(hash.to_string())
    }

    fn files(&self) -> io::Result<Vec<(SystemTime, u64, PathBuf)>> {
        let file = |entry: fs::DirEntry| {
            let about = entry.metadata().ok()?;
            Some((about.modified().ok()?, about.len(), entry.path()))
        };
        let entries = fs::read_dir(&self.directory)?;
        Ok(entries.flatten().filter_map(file).collect())
    }

    /// Removes what was unused longest, until a tenth is free: the next sweep is not due at once.
    fn sweep(&self) -> io::Result<()> {
        let mut files = self.files()?;
        files.sort_unstable();
        let mut held: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, bytes, path) in files {
            if held <= self.bytes_max - self.bytes_max / 10 {
                break;
            }
            if fs::remove_file(path).is_ok() {
                held -= bytes;
            }
        }
        self.held.store(held, Ordering::Relaxed);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_disk_holds_what_was_used_last_and_nothing_else() {
        let directory = tempfile::tempdir().expect("a directory");
        let disk = Disk::open(directory.path(), 100).expect("a disk");
        let file = |n: u8| vec![n; 30];
        let hash = |n: u8| CodeHash::of(&file(n));
        for n in 1..=3 {
            disk.keep(&hash(n), &file(n)).expect("kept");
            let long_ago = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(n.into());
            let kept = fs::File::options().append(true).open(disk.path(&hash(n)));
            kept.and_then(|kept| kept.set_modified(long_ago))
                .expect("dated");
        }
        assert_eq!(disk.load(&hash(1)).expect("there"), file(1));
        disk.keep(&hash(4), &file(4)).expect("kept");
        assert!(disk.load(&hash(2)).is_none(), "unused longest");
        for n in [1, 3, 4] {
            assert!(disk.load(&hash(n)).is_some(), "{n}");
        }
        fs::write(disk.path(&hash(1)), "something else").expect("written");
        assert!(disk.load(&hash(1)).is_none());
        let again = Disk::open(directory.path(), 100).expect("a disk");
        assert_eq!(again.held.load(Ordering::Relaxed), 60);
        assert!(again.keep(&CodeHash::of(&[0; 101]), &[0; 101]).is_ok());
        assert!(
            again.load(&CodeHash::of(&[0; 101])).is_none(),
            "larger than the disk"
        );
    }
}
