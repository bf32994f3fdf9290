//! Events as rows.

use super::super::audit::{
    AuditRow, CONTROL_CHAIN, beside, chains, control_head, head, insert, link_before, named, page,
    row_id, stored,
};
use super::super::{Digest, Store, writers};
use super::place::{Place, on_both};

on_both! {
    events_are_read_where_they_stand,
    two_processes_append_one_after_the_other,
    a_failed_statement_is_not_committed,
}

fn row(chain: i64, seq: i64) -> AuditRow {
    let event = if seq == 2 { "second" } else { "other" };
    AuditRow {
        chain,
        seq,
        body: format!(r#"{{"at":{seq},"event":"{event}"}}"#),
        link: Digest::of(&[u8::try_from(chain).unwrap(), u8::try_from(seq).unwrap()]),
    }
}

async fn events_are_read_where_they_stand(place: &Place) {
    let store = place.store().await;
    let mut tx = store.begin().await.unwrap();
    let writer = writers::begin(&mut tx, 7).await.unwrap();
    assert_eq!(
        head(&mut tx, CONTROL_CHAIN).await.unwrap(),
        (0, Digest::default())
    );
    for (chain, seq) in [(0, 1), (0, 2), (0, 3), (writer.id, 1), (writer.id, 2)] {
        insert(&mut tx, &row(chain, seq)).await.unwrap();
    }
    tx.commit().await.unwrap();

    let rows = |places: &[(i64, i64)]| -> Vec<_> {
        places
            .iter()
            .map(|(chain, seq)| row(*chain, *seq))
            .collect()
    };
    let mut tx = store.snapshot().await.unwrap();
    assert_eq!(head(&mut tx, 0).await.unwrap(), (3, row(0, 3).link));
    let all = stored(&mut tx, 0, 10).await.unwrap();
    assert_eq!(all.len(), 5);
    assert_eq!(
        (all[1].id, &all[1].body, &all[1].link),
        (
            row_id(0, 2),
            &row(0, 2).body.into_bytes(),
            &row(0, 2).link.0.to_vec()
        )
    );
    drop(tx);
    assert_eq!(control_head(&store).await.unwrap(), 3);
    assert_eq!(
        page(&store, 0, 1, 9).await.unwrap(),
        rows(&[(0, 2), (0, 3)])
    );
    assert_eq!(
        named(&store, 0, "second", 9).await.unwrap(),
        rows(&[(0, 2)])
    );
    let before = beside(&store, row_id(1, 2), false, 9).await.unwrap();
    assert_eq!(before, rows(&[(1, 1)]));
    let before = beside(&store, row_id(1, 1), false, 2).await.unwrap();
    assert_eq!(before, rows(&[(0, 2), (0, 3)]));
    let after = beside(&store, row_id(0, 3), true, 1).await.unwrap();
    assert_eq!(after, rows(&[(1, 1)]));
    assert_eq!(
        link_before(&store, 0, 1).await.unwrap(),
        Some(Digest::default())
    );
    assert_eq!(
        link_before(&store, 0, 3).await.unwrap(),
        Some(row(0, 2).link)
    );
    assert_eq!(link_before(&store, 0, 9).await.unwrap(), None);
    let kinds: Vec<_> = chains(&store)
        .await
        .unwrap()
        .into_iter()
        .map(|chain| (chain.chain, chain.kind, chain.started_us))
        .collect();
    assert_eq!(
        kinds,
        [(0, "control".to_owned(), 0), (1, "writer".to_owned(), 7)]
    );
}

/// As the control chain's append does.
async fn append(store: &Store) {
    let mut tx = store.begin().await.unwrap();
    let (seq, _) = head(&mut tx, CONTROL_CHAIN).await.unwrap();
    insert(&mut tx, &row(CONTROL_CHAIN, seq + 1)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn two_processes_append_one_after_the_other(place: &Place) {
    let stores = [place.store().await, place.store().await];
    let each = stores.clone().map(|store| {
        tokio::spawn(async move {
            for _ in 0..20 {
                append(&store).await;
            }
        })
    });
    for one in each {
        one.await.unwrap();
    }
    assert_eq!(control_head(&stores[0]).await.unwrap(), 40);
}

async fn a_failed_statement_is_not_committed(place: &Place) {
    let store = place.store().await;
    append(&store).await;
    let mut tx = store.begin().await.unwrap();
    insert(&mut tx, &row(CONTROL_CHAIN, 1)).await.unwrap_err();
    // A file goes on without it; a server does not, and says so.
    let two = insert(&mut tx, &row(CONTROL_CHAIN, 2)).await;
    let committed = tx.commit().await;
    assert_eq!(two.is_ok(), committed.is_ok());
    let head = if committed.is_ok() { 2 } else { 1 };
    assert_eq!(control_head(&store).await.unwrap(), head);
}
