//! The order of instantiation, or the cycles that prevent one.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};

use crate::resolve::candidate::SourceChoice;
use crate::resolve::offers::SortedComponents;
use crate::resolve::report::CycleStep;
use crate::resolve::{PlanError, PlanErrors};

/// The nodes in start order: providers before their users, and nodes that are free to
/// start by name.
pub(super) fn start_order(
    members: &SortedComponents<'_>,
    choices: &[Vec<SourceChoice>],
) -> Result<Vec<usize>, PlanErrors> {
    let edges = StartEdges::new(choices);
    let order = edges.topological();
    if order.len() < members.nodes.len() {
        PlanErrors::stop(edges.report(members))?;
    }
    Ok(order)
}

/// The dependencies between the nodes at their start.
struct StartEdges {
    /// The distinct providers of each node, each with the first import that
    /// leads to it.
    providers: Vec<Vec<(usize, usize)>>,
}

impl StartEdges {
    fn new(choices: &[Vec<SourceChoice>]) -> Self {
        let providers = |choices: &Vec<SourceChoice>| {
            let mut providers: Vec<(usize, usize)> = Vec::new();
            for (import, choice) in choices.iter().enumerate() {
                if let SourceChoice::Provider(offer) = choice {
                    providers.push((offer.node, import));
                }
            }
            providers.sort();
            providers.dedup_by_key(|(node, _)| *node);
            providers
        };
        StartEdges {
            providers: choices.iter().map(providers).collect(),
        }
    }

    /// A topological order, without the nodes that are in a cycle or depend on one.
    fn topological(&self) -> Vec<usize> {
        let mut users: Vec<Vec<usize>> = vec![Vec::new(); self.providers.len()];
        let mut missing: Vec<usize> = Vec::with_capacity(users.len());
        for (node, providers) in self.providers.iter().enumerate() {
            missing.push(providers.len());
            for &(provider, _) in providers {
                users[provider].push(node);
            }
        }
        let free = missing.iter().enumerate().filter(|(_, n)| **n == 0);
        let mut free: BinaryHeap<Reverse<usize>> = free.map(|(node, _)| Reverse(node)).collect();
        let mut order = Vec::with_capacity(users.len());
        while let Some(Reverse(node)) = free.pop() {
            order.push(node);
            for &user in &users[node] {
                missing[user] -= 1;
                if missing[user] == 0 {
                    free.push(Reverse(user));
                }
            }
        }
        order
    }

    /// One error for each strongly connected component.
    fn report(&self, members: &SortedComponents<'_>) -> Vec<PlanError> {
        let groups = self.strongly_connected();
        let mut size: HashMap<usize, usize> = HashMap::new();
        for &group in &groups {
            *size.entry(group).or_default() += 1;
        }
        let mut errors = Vec::new();
        for (first, group) in groups.iter().enumerate() {
            // The first member by name stands for its group, so each group is reported
            // once.
            if size.remove(group).is_none_or(|size| size < 2) {
                continue;
            }
            let steps = self.shortest_cycle(first, &groups, members);
            let also = (first..groups.len())
                .filter(|&node| groups[node] == *group)
                .map(|node| members.name(node).to_owned())
                .filter(|name| steps.iter().all(|step| step.component != *name))
                .collect();
            errors.push(PlanError::Cycle { steps, also });
        }
        errors
    }

    /// A shortest path from a node through its group and back to itself.
    fn shortest_cycle(
        &self,
        start: usize,
        groups: &[usize],
        members: &SortedComponents<'_>,
    ) -> Vec<CycleStep> {
        // For each node reached: the user it was reached from, and the import that led to
        // it.
        let mut reached: HashMap<usize, (usize, usize)> = HashMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(user) = queue.pop_front() {
            for &(provider, import) in &self.providers[user] {
                if groups[provider] != groups[start] || reached.contains_key(&provider) {
                    continue;
                }
                reached.insert(provider, (user, import));
                queue.push_back(provider);
            }
            if reached.contains_key(&start) {
                break;
            }
        }
        let mut steps = Vec::new();
        let mut provider = start;
        while let Some(&(user, import)) = reached.get(&provider) {
            steps.push(CycleStep {
                component: members.name(user).to_owned(),
                import: members.import(user, import).name.clone(),
                provider: members.name(provider).to_owned(),
            });
            provider = user;
            if provider == start {
                break;
            }
        }
        steps.reverse();
        steps
    }

    /// Tarjan's algorithm, with an explicit stack: a long chain of components must not
    /// exhaust the thread's stack. Returns the group of each node.
    fn strongly_connected(&self) -> Vec<usize> {
        const UNSEEN: usize = usize::MAX;
        let count = self.providers.len();
        let mut found = vec![UNSEEN; count];
        let mut low = vec![0; count];
        let mut group = vec![UNSEEN; count];
        let mut stack = Vec::new();
        let mut next = 0;
        for root in 0..count {
            if found[root] != UNSEEN {
                continue;
            }
            // Each frame: a node and how many of its providers are done.
            let mut frames = vec![(root, 0)];
            while let Some((node, done)) = frames.last_mut() {
                let node = *node;
                if *done == 0 {
                    found[node] = next;
                    low[node] = next;
                    next += 1;
                    stack.push(node);
                }
                if let Some(&(provider, _)) = self.providers[node].get(*done) {
                    *done += 1;
                    if found[provider] == UNSEEN {
                        frames.push((provider, 0));
                    } else if group[provider] == UNSEEN {
                        low[node] = low[node].min(found[provider]);
                    }
                    continue;
                }
                frames.pop();
                if let Some((parent, _)) = frames.last() {
                    low[*parent] = low[*parent].min(low[node]);
                }
                if low[node] == found[node] {
                    while let Some(member) = stack.pop() {
                        group[member] = node;
                        if member == node {
                            break;
                        }
                    }
                }
            }
        }
        group
    }
}
