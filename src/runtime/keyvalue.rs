//! `wasi:keyvalue` for components, over the key-value namespaces that their bindings name (wit/keyvalue.wit).

use std::sync::Arc;

use bytes::Bytes;
use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentType, Linker, Lower, Resource, ResourceType};
use wasmtime_wasi::WasiView;

use super::component::Host;
use super::outbound::Namespace;
use crate::kv::{self, KvError, Seen};
use crate::model::KvKey;
use crate::model::kv::{LIST_KEYS_MAX, READ_KEYS_MAX};
use crate::store::values::Stored;

/// Bytes of several values read together, as for JavaScript.
const MANY_BYTES_MAX: usize = 25 << 20;

/// A bucket: the name of the binding that it was opened by.
pub(super) struct Bucket(Arc<str>);

/// A value as it was seen, to be changed if it is still the same.
pub(super) struct Cas {
    bucket: Arc<str>,
    key: String,
    seen: Seen,
}

#[derive(ComponentType, Lower)]
#[component(variant)]
enum Error {
    #[component(name = "no-such-store")]
    NoSuchStore,
    #[component(name = "access-denied")]
    #[expect(
        dead_code,
        reason = "what a worker may not reach does not exist for it"
    )]
    AccessDenied,
    #[component(name = "other")]
    Other(String),
}

#[derive(ComponentType, Lower)]
#[component(record)]
struct KeyResponse {
    keys: Vec<String>,
    cursor: Option<String>,
}

#[derive(ComponentType, Lower)]
#[component(variant)]
enum CasError {
    #[component(name = "store-error")]
    StoreError(Error),
    #[component(name = "cas-failed")]
    CasFailed(Resource<Cas>),
}

impl<E: Into<KvError>> From<E> for Error {
    fn from(error: E) -> Self {
        match error.into() {
            KvError::NoNamespace => Self::NoSuchStore,
            error => Self::Other(error.to_string()),
        }
    }
}

type Store<'a> = StoreContextMut<'a, Host>;
type Answer<T> = wasmtime::Result<(Result<T, Error>,)>;

/// Adds the interfaces' functions.
pub(super) fn add_to_linker(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    let mut store = linker.instance("wasi:keyvalue/store@0.2.0-draft2")?;
    store.resource(
        "bucket",
        ResourceType::host::<Bucket>(),
        |mut store, rep| {
            let bucket = Resource::<Bucket>::new_own(rep);
            store.data_mut().ctx().table.delete(bucket)?;
            Ok(())
        },
    )?;
    store.func_wrap("open", |mut store: Store<'_>, (name,): (String,)| {
        let host = store.data_mut();
        Ok((match host.outbound.has_kv(&name) {
            true => Ok(host.ctx().table.push(Bucket(name.into()))?),
            false => Err(Error::NoSuchStore),
        },))
    })?;
    store.func_wrap_async("[method]bucket.get", |store, (bucket, key)| {
        Box::new(get(store, bucket, key))
    })?;
    store.func_wrap_async("[method]bucket.set", |store, (bucket, key, value)| {
        Box::new(set(store, bucket, vec![(key, value)]))
    })?;
    store.func_wrap_async("[method]bucket.delete", |store, (bucket, key)| {
        Box::new(delete(store, bucket, vec![key]))
    })?;
    store.func_wrap_async("[method]bucket.exists", |store, (bucket, key)| {
        Box::new(async {
            let (found,) = get(store, bucket, key).await?;
            Ok((found.map(|value| value.is_some()),))
        })
    })?;
    store.func_wrap_async("[method]bucket.list-keys", |store, (bucket, cursor)| {
        Box::new(list(store, bucket, cursor))
    })?;
    let mut batch = linker.instance("wasi:keyvalue/batch@0.2.0-draft2")?;
    batch.func_wrap_async("get-many", |store, (bucket, keys)| {
        Box::new(get_many(store, bucket, keys))
    })?;
    batch.func_wrap_async("set-many", |store, (bucket, values)| {
        Box::new(set(store, bucket, values))
    })?;
    batch.func_wrap_async("delete-many", |store, (bucket, keys)| {
        Box::new(delete(store, bucket, keys))
    })?;
    let mut atomics = linker.instance("wasi:keyvalue/atomics@0.2.0-draft2")?;
    atomics.resource("cas", ResourceType::host::<Cas>(), |mut store, rep| {
        let cas = Resource::<Cas>::new_own(rep);
        store.data_mut().ctx().table.delete(cas)?;
        Ok(())
    })?;
    atomics.func_wrap_async("[static]cas.new", |store, (bucket, key)| {
        Box::new(new_cas(store, bucket, key))
    })?;
    atomics.func_wrap_async("[method]cas.current", |store, (cas,)| {
        Box::new(current(store, cas))
    })?;
    atomics.func_wrap_async("increment", |store, (bucket, key, delta)| {
        Box::new(increment(store, bucket, key, delta))
    })?;
    atomics.func_wrap_async("swap", |store, (cas, value)| {
        Box::new(swap(store, cas, value))
    })
}

/// The namespace of a bucket, for one operation, which counts as a request.
fn namespace(host: &mut Host, bucket: &str, operation: &'static str) -> Result<Namespace, Error> {
    let namespace = host.outbound.kv(bucket, operation);
    namespace.map_err(|error| Error::Other(error.to_string()))
}

fn name(store: &mut Store<'_>, bucket: &Resource<Bucket>) -> wasmtime::Result<Arc<str>> {
    Ok(store.data_mut().ctx().table.get(bucket)?.0.clone())
}

async fn read(namespace: &Namespace, key: String) -> Result<(KvKey, kv::Read), Error> {
    let key = KvKey::new(key)?;
    let Namespace { kv, id, share, .. } = namespace;
    let read = match kv.peek(id, &key) {
        Some(read) => read,
        None => {
            let _turn = turn(namespace).await?;
            kv.get(id, &key, share).await?
        }
    };
    Ok((key, read))
}

async fn turn(namespace: &Namespace) -> Result<impl Send + use<>, Error> {
    let turn = namespace.turn().await;
    turn.map_err(|error| Error::Other(error.to_string()))
}

fn bytes(read: &kv::Read) -> Option<Vec<u8>> {
    read.value.as_ref().map(|stored| stored.bytes.to_vec())
}

async fn get(
    mut store: Store<'_>,
    bucket: Resource<Bucket>,
    key: String,
) -> Answer<Option<Vec<u8>>> {
    let bucket = name(&mut store, &bucket)?;
    let found = async {
        let namespace = namespace(store.data_mut(), &bucket, "kv get")?;
        let (_, read) = read(&namespace, key).await?;
        Ok(bytes(&read))
    };
    Ok((found.await,))
}

type Pairs = Vec<(String, Option<Vec<u8>>)>;

async fn get_many(
    mut store: Store<'_>,
    bucket: Resource<Bucket>,
    names: Vec<String>,
) -> Answer<Pairs> {
    let bucket = name(&mut store, &bucket)?;
    let found = async {
        let namespace = namespace(store.data_mut(), &bucket, "kv get")?;
        if names.len() > READ_KEYS_MAX {
            let text = format!("at most {READ_KEYS_MAX} keys are read together");
            return Err(Error::Other(text));
        }
        let keys: Result<Vec<_>, _> = names.iter().cloned().map(KvKey::new).collect();
        let keys = keys?;
        let _turn = turn(&namespace).await?;
        let Namespace { kv, id, share, .. } = &namespace;
        let reads = kv.get_many(id, &keys, share).await?;
        let values = reads.iter().filter_map(|read| read.value.as_ref());
        let sum: usize = values.map(|stored| stored.bytes.len()).sum();
        if sum > MANY_BYTES_MAX {
            let text = format!("the values have more than {MANY_BYTES_MAX} bytes together");
            return Err(Error::Other(text));
        }
        Ok(names.into_iter().zip(reads.iter().map(bytes)).collect())
    };
    Ok((found.await,))
}

async fn set(
    mut store: Store<'_>,
    bucket: Resource<Bucket>,
    values: Vec<(String, Vec<u8>)>,
) -> Answer<()> {
    let bucket = name(&mut store, &bucket)?;
    let done = async {
        for (key, bytes) in values {
            let namespace = namespace(store.data_mut(), &bucket, "kv put")?;
            let key = KvKey::new(key)?;
            let Namespace { kv, id, share, .. } = &namespace;
            let _claim = kv.admit(share, bytes.len())?;
            let _turn = turn(&namespace).await?;
            let value = Stored {
                bytes: bytes.into(),
                ..Stored::default()
            };
            kv.put(id, key, value).await?;
        }
        Ok(())
    };
    Ok((done.await,))
}

async fn delete(mut store: Store<'_>, bucket: Resource<Bucket>, keys: Vec<String>) -> Answer<()> {
    let bucket = name(&mut store, &bucket)?;
    let done = async {
        for key in keys {
            let namespace = namespace(store.data_mut(), &bucket, "kv delete")?;
            let key = KvKey::new(key)?;
            let _turn = turn(&namespace).await?;
            namespace.kv.delete(&namespace.id, key).await?;
        }
        Ok(())
    };
    Ok((done.await,))
}

async fn list(
    mut store: Store<'_>,
    bucket: Resource<Bucket>,
    cursor: Option<String>,
) -> Answer<KeyResponse> {
    let bucket = name(&mut store, &bucket)?;
    let found = async {
        let namespace = namespace(store.data_mut(), &bucket, "kv list")?;
        let after = kv::after(&cursor.unwrap_or_default())?;
        let _turn = turn(&namespace).await?;
        let Namespace { kv, id, .. } = &namespace;
        let page = kv.list(id, "", &after, LIST_KEYS_MAX).await?;
        let last = page.keys.last().filter(|_| !page.is_complete);
        Ok(KeyResponse {
            cursor: last.map(|last| kv::cursor(&last.key)),
            keys: page.keys.into_iter().map(|listed| listed.key).collect(),
        })
    };
    Ok((found.await,))
}

async fn new_cas(
    mut store: Store<'_>,
    bucket: Resource<Bucket>,
    key: String,
) -> Answer<Resource<Cas>> {
    let bucket = name(&mut store, &bucket)?;
    let seen = async {
        let namespace = namespace(store.data_mut(), &bucket, "kv get")?;
        let (_, read) = read(&namespace, key.clone()).await?;
        Ok(Seen::of(&read))
    };
    Ok((match seen.await {
        Ok(seen) => Ok(store
            .data_mut()
            .ctx()
            .table
            .push(Cas { bucket, key, seen })?),
        Err(error) => Err(error),
    },))
}

/// What lies there now: from here on that is what was seen.
async fn current(mut store: Store<'_>, cas: Resource<Cas>) -> Answer<Option<Vec<u8>>> {
    let found = store.data_mut().ctx().table.get(&cas)?;
    let (bucket, key) = (found.bucket.clone(), found.key.clone());
    let read = async {
        let namespace = namespace(store.data_mut(), &bucket, "kv get")?;
        Ok(read(&namespace, key).await?.1)
    };
    Ok((match read.await {
        Ok(read) => {
            store.data_mut().ctx().table.get_mut(&cas)?.seen = Seen::of(&read);
            Ok(bytes(&read))
        }
        Err(error) => Err(error),
    },))
}

async fn swap(
    mut store: Store<'_>,
    cas: Resource<Cas>,
    value: Vec<u8>,
) -> wasmtime::Result<(Result<(), CasError>,)> {
    let Cas { bucket, key, seen } = store.data_mut().ctx().table.delete(cas)?;
    let swapped = async {
        let namespace = namespace(store.data_mut(), &bucket, "kv swap")?;
        let Namespace { kv, id, share, .. } = &namespace;
        let _claim = kv.admit(share, value.len())?;
        let _turn = turn(&namespace).await?;
        let named = KvKey::new(key.clone())?;
        Ok(kv.swap(id, &named, seen, Bytes::from(value), share).await?)
    };
    Ok((match swapped.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(seen)) => {
            let cas = Cas { bucket, key, seen };
            let cas = store.data_mut().ctx().table.push(cas)?;
            Err(CasError::CasFailed(cas))
        }
        Err(error) => Err(CasError::StoreError(error)),
    },))
}

async fn increment(
    mut store: Store<'_>,
    bucket: Resource<Bucket>,
    key: String,
    delta: i64,
) -> Answer<i64> {
    let bucket = name(&mut store, &bucket)?;
    let sum = async {
        let namespace = namespace(store.data_mut(), &bucket, "kv increment")?;
        let key = KvKey::new(key)?;
        let _turn = turn(&namespace).await?;
        let Namespace { kv, id, share, .. } = &namespace;
        Ok(kv.increment(id, &key, delta, share).await?)
    };
    Ok((sum.await,))
}
