//! Compiled code on this node's disk, by content; nothing is loaded that this node did not write.
//!
//! Each artifact has its keyed hash beside it. The key never leaves the node's private directory, so a
//! file that was damaged, or put there by someone else, fails the check and is compiled anew.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use wasmtime::component::Component;
use wasmtime::{Engine, Module};

use super::engine;
use crate::model::CodeHash;

const KEY_BYTES: usize = 32;

/// The artifacts of one engine configuration.
pub struct Artifacts {
    directory: PathBuf,
    key: [u8; KEY_BYTES],
    fingerprint: String,
    bytes_max: u64,
}

/// What was found of an artifact.
pub enum Found {
    /// It is loaded; its size in bytes.
    Loaded(Code, u64),
    /// There is none.
    Missing,
    /// There is one, but it is not what this node wrote.
    Damaged,
}

/// Compiled code, in memory.
pub enum Code {
    /// A component.
    Component(Component),
    /// A core module: the JavaScript engine, or the memory of one of its workers.
    Module(Module),
}

/// What an artifact was compiled from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A component.
    Component,
    /// A core module.
    Module,
}

impl Artifacts {
    /// Opens the directory, or makes it, readable by this user only.
    ///
    /// # Errors
    /// When the directory or its key cannot be read or made.
    pub fn open(data_dir: &Path, engine: &Engine, bytes_max: u64) -> io::Result<Self> {
        // The child that is given these paths works elsewhere.
        let directory = std::path::absolute(data_dir)?.join("artifacts");
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&directory)?;
        let key = key(&directory.join("key"))?;
        Ok(Self {
            directory,
            key,
            fingerprint: engine::fingerprint(engine),
            bytes_max,
        })
    }

    /// Loads an artifact, if it is there and passes its check.
    ///
    /// # Errors
    /// When the file can be neither read nor mapped.
    pub fn load(&self, engine: &Engine, hash: &CodeHash, form: Form) -> io::Result<Found> {
        let path = self.path(hash);
        let (mut file, expected) = match (File::open(&path), fs::read(path.with_extension("mac"))) {
            (Ok(file), Ok(expected)) => (file, expected),
            _ => return Ok(Found::Missing),
        };
        let (found, bytes) = self.digest(hash, &mut file)?;
        // `blake3::Hash` compares in constant time.
        let is_ours = expected
            .try_into()
            .is_ok_and(|expected: [u8; 32]| found == expected);
        if !is_ours {
            self.remove(hash);
            return Ok(Found::Damaged);
        }
        let _ = file.set_modified(SystemTime::now());
        let same_file = format!("/proc/self/fd/{}", file.as_raw_fd());
        #[expect(
            unsafe_code,
            reason = "loading compiled code is the one unsafe act in the house"
        )]
        // SAFETY: the file's content was just checked against a hash whose key only this node holds, so it is
        // what our own compiling child wrote for this very engine configuration. The descriptor names the file
        // that was checked, whatever happens to its name; the directory is writable by this user alone.
        let code = unsafe {
            match form {
                Form::Component => {
                    Component::deserialize_file(engine, same_file).map(Code::Component)
                }
                Form::Module => Module::deserialize_file(engine, same_file).map(Code::Module),
            }
        };
        match code {
            Ok(code) => Ok(Found::Loaded(code, bytes)),
            Err(error) => {
                tracing::warn!(%error, code = %hash, "an artifact cannot be loaded");
                self.remove(hash);
                Ok(Found::Damaged)
            }
        }
    }

    /// Keeps a freshly compiled artifact, and removes those unused longest when there are too many.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn keep(&self, hash: &CodeHash, artifact: &[u8]) -> io::Result<()> {
        let path = self.path(hash);
        let (digest, _) = self.digest(hash, &mut &*artifact)?;
        // Without the hash beside it a file counts as missing, so a crash in between does no harm.
        write_whole(&path, artifact)?;
        write_whole(&path.with_extension("mac"), digest.as_bytes())?;
        self.sweep(&path);
        Ok(())
    }

    /// Where an artifact lies.
    pub(super) fn path(&self, hash: &CodeHash) -> PathBuf {
        self.directory
            .join(format!("{hash}-{}.cwasm", self.fingerprint))
    }

    fn digest(&self, hash: &CodeHash, content: &mut dyn Read) -> io::Result<(blake3::Hash, u64)> {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        // The name belongs to the content, or one tenant's artifact could be put in another's place.
        hasher
            .update(hash.to_string().as_bytes())
            .update(self.fingerprint.as_bytes());
        let mut buffer = vec![0; 1 << 20];
        let mut bytes = 0;
        loop {
            match content.read(&mut buffer)? {
                0 => return Ok((hasher.finalize(), bytes)),
                n => {
                    hasher.update(&buffer[..n]);
                    bytes += n as u64;
                }
            }
        }
    }

    fn remove(&self, hash: &CodeHash) {
        let path = self.path(hash);
        // What cannot be removed is checked, and refused, again.
        let _ = fs::remove_file(path.with_extension("mac"));
        let _ = fs::remove_file(path);
    }

    /// Removes the artifacts unused longest until the rest fits; never the one just written.
    fn sweep(&self, newest: &Path) {
        let Ok(entries) = fs::read_dir(&self.directory) else {
            return;
        };
        let mut files: Vec<(SystemTime, u64, PathBuf)> = entries
            .flatten()
            .filter(|entry| {
                entry
                    .path()
                    .extension()
                    .is_some_and(|extension| extension == "cwasm")
            })
            .filter_map(|entry| {
                let metadata = entry.metadata().ok()?;
                Some((metadata.modified().ok()?, metadata.len(), entry.path()))
            })
            .collect();
        files.sort_unstable();
        let mut total: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, bytes, path) in files {
            if total <= self.bytes_max {
                return;
            }
            if path != newest {
                let _ = fs::remove_file(path.with_extension("mac"));
                let _ = fs::remove_file(&path);
                total -= bytes;
            }
        }
    }
}

/// Writes a file so that its name always stands for the whole of it.
fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut number = [0; 8];
    random(&mut number)?;
    let temporary = path.with_extension(format!("{:016x}.tmp", u64::from_ne_bytes(number)));
    let write = || {
        let mut file = File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&temporary)?;
        file.write_all(content)?;
        file.sync_data()?;
        fs::rename(&temporary, path)
    };
    write().inspect_err(|_| drop(fs::remove_file(&temporary)))
}

/// The node's key; made at first use.
fn key(path: &Path) -> io::Result<[u8; KEY_BYTES]> {
    if !path.exists() {
        let mut made = [0; KEY_BYTES];
        random(&mut made)?;
        // Of two processes that start together, the one that links its key first wins.
        let own = path.with_extension(format!("{}.tmp", std::process::id()));
        write_whole(&own, &made)?;
        let linked = fs::hard_link(&own, path);
        let _ = fs::remove_file(&own);
        if let Err(error) = linked
            && error.kind() != io::ErrorKind::AlreadyExists
        {
            return Err(error);
        }
    }
    let stored = fs::read(path)?;
    let damaged = || {
        io::Error::other(format!(
            "{} is damaged; remove it, and all code is compiled anew",
            path.display()
        ))
    };
    stored.try_into().map_err(|_| damaged())
}

fn random(bytes: &mut [u8]) -> io::Result<()> {
    File::open("/dev/urandom")?.read_exact(bytes)
}
