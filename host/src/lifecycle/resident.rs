//! The last few of something, kept in memory, so that a rollback is a pointer
//! store.

use std::sync::{Arc, Mutex, PoisonError};

/// The `most` values used last, by key.
pub(super) struct Resident<K, V> {
    most: usize,
    /// The one used last is at the end.
    kept: Mutex<Vec<(K, Arc<V>)>>,
}

impl<K: PartialEq, V> Resident<K, V> {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            kept: Mutex::default(),
        }
    }

    pub(super) fn get(&self, key: &K) -> Option<Arc<V>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(known, _)| known == key)?;
        let found = kept.remove(at);
        let value = Arc::clone(&found.1);
        kept.push(found);
        Some(value)
    }

    /// Keeps `value` in place of what `key` had.
    pub(super) fn put(&self, key: K, value: &Arc<V>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(known, _)| *known != key);
        if kept.len() >= self.most {
            kept.remove(0);
        }
        kept.push((key, Arc::clone(value)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_last_stays() {
        let resident = Resident::new(2);
        for key in [1, 2] {
            resident.put(key, &Arc::new(key));
        }
        assert_eq!(resident.get(&1), Some(Arc::new(1)));
        resident.put(3, &Arc::new(3));
        assert_eq!(resident.get(&2), None);
        assert_eq!(resident.get(&1), Some(Arc::new(1)));
        resident.put(1, &Arc::new(10));
        assert_eq!(resident.get(&1), Some(Arc::new(10)));
        assert_eq!(resident.get(&3), Some(Arc::new(3)));
    }
}
