//! Messages on their way to the broker. A message that must not be lost stays
//! here until the broker has confirmed it, over as many connections as it takes.

use std::collections::{BTreeMap, VecDeque};

use crate::message::Publication;

/// Messages under way at once. IoT Core takes 100 unconfirmed ones of a client.
const WINDOW: usize = 50;

/// A queue in front of the connection.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// Not handed to the connection yet.
    waiting: VecDeque<Publication>,
    /// Handed over, in order; the connection gives out packet ids in that order.
    handed: VecDeque<Publication>,
    /// Sent, by packet id, with their place in the order of sending.
    sent: BTreeMap<u16, (u64, Publication)>,
    count: u64,
}

impl Outbox {
    pub(crate) fn push(&mut self, publication: Publication) {
        self.waiting.push_back(publication);
    }

    /// The next message for the connection, unless enough are under way.
    pub(crate) fn hand_over(&mut self) -> Option<Publication> {
        if self.handed.len() + self.sent.len() >= WINDOW {
            return None;
        }
        let publication = self.waiting.pop_front()?;
        self.handed.push_back(publication.clone());
        Some(publication)
    }

    /// The connection has sent the next message as packet `id`.
    pub(crate) fn sent(&mut self, id: u16) {
        if let Some(publication) = self.handed.pop_front() {
            self.count += 1;
            self.sent.insert(id, (self.count, publication));
        }
    }

    /// The broker has packet `id`; the message that it was.
    pub(crate) fn confirmed(&mut self, id: u16) -> Option<Publication> {
        self.sent.remove(&id).map(|(_, publication)| publication)
    }

    /// The connection is gone: what must not be lost waits again, in its order,
    /// the rest is forgotten.
    pub(crate) fn lost(&mut self) {
        let mut unconfirmed: Vec<_> = std::mem::take(&mut self.sent).into_values().collect();
        unconfirmed.sort_by_key(|(order, _)| *order);
        self.waiting = unconfirmed
            .into_iter()
            .map(|(_, publication)| publication)
            .chain(self.handed.drain(..))
            .chain(self.waiting.drain(..))
            .filter(|publication| publication.kind.survives())
            .collect();
    }

    /// Messages that the broker has not confirmed.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len() + self.handed.len() + self.sent.len()
    }

    /// Those of them that must not be lost.
    pub(crate) fn owed(&self) -> usize {
        let sent = self.sent.values().map(|(_, publication)| publication);
        let all = self.waiting.iter().chain(&self.handed).chain(sent);
        all.filter(|publication| publication.kind.survives())
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Kind;

    fn message(name: &str, kind: Kind) -> Publication {
        Publication {
            topic: name.to_owned(),
            payload: vec![],
            kind,
        }
    }

    fn hand_over_all(outbox: &mut Outbox) -> Vec<String> {
        std::iter::from_fn(|| outbox.hand_over())
            .map(|it| it.topic)
            .collect()
    }

    #[test]
    fn a_confirmed_message_is_done() {
        let mut outbox = Outbox::default();
        outbox.push(message("a", Kind::Event));
        assert_eq!(hand_over_all(&mut outbox), ["a"]);
        outbox.sent(1);
        assert_eq!((outbox.len(), outbox.owed()), (1, 1));
        assert_eq!(outbox.confirmed(1), Some(message("a", Kind::Event)));
        assert_eq!((outbox.len(), outbox.owed()), (0, 0));
        assert_eq!(outbox.confirmed(1), None);
    }

    #[test]
    fn what_was_not_confirmed_is_sent_again_in_its_order() {
        let mut outbox = Outbox::default();
        for name in ["a", "b", "c", "d"] {
            outbox.push(message(name, Kind::Event));
        }
        assert_eq!(hand_over_all(&mut outbox), ["a", "b", "c", "d"]);
        // Packet ids start again at 1 when they are used up.
        outbox.sent(100);
        outbox.sent(1);
        outbox.sent(2);
        outbox.confirmed(1);
        outbox.push(message("e", Kind::Event));
        outbox.lost();
        assert_eq!(hand_over_all(&mut outbox), ["a", "c", "d", "e"]);
    }

    #[test]
    fn what_the_next_message_repeats_is_not_sent_again() {
        let mut outbox = Outbox::default();
        for kind in [Kind::Telemetry, Kind::Shadow, Kind::Response, Kind::Event] {
            outbox.push(message(&format!("{kind:?}"), kind));
        }
        hand_over_all(&mut outbox);
        outbox.lost();
        assert_eq!(outbox.owed(), 2);
        assert_eq!(hand_over_all(&mut outbox), ["Response", "Event"]);
    }

    #[test]
    fn only_so_many_are_under_way_at_once() {
        let mut outbox = Outbox::default();
        for _ in 0..WINDOW + 2 {
            outbox.push(message("a", Kind::Event));
        }
        assert_eq!(hand_over_all(&mut outbox).len(), WINDOW);
        outbox.sent(1);
        assert!(outbox.hand_over().is_none());
        outbox.confirmed(1);
        assert_eq!(hand_over_all(&mut outbox).len(), 1);
    }
}
