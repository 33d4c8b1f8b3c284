#pragma once
// What a peer written by hand does around its products: samples by expert, experts by thread,
// weights in the layout that its products like.

#include "peers/forward_peer.hpp"

#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace forward_peer {

/// The samples of expert e are rows[starts[e]] .. rows[starts[e + 1] - 1].
struct Groups {
    std::vector<std::uint32_t> rows;
    std::vector<std::size_t> starts;
};

template<class T>
void group(const Batch<T>& batch, long experts, Groups& groups) {
    const auto samples = static_cast<std::size_t>(batch.samples);
    groups.rows.resize(samples);
    groups.starts.assign(static_cast<std::size_t>(experts) + 2, 0);
    std::size_t* const next = groups.starts.data() + 1;
    for (std::size_t s = 0; s < samples; ++s)
        ++next[batch.expert_of[s] + 1];
    for (long e = 0; e < experts; ++e)
        next[e + 1] += next[e];
    for (std::size_t s = 0; s < samples; ++s)
        groups.rows[next[batch.expert_of[s]]++] = static_cast<std::uint32_t>(s);
    groups.starts.pop_back();
}

/// Calls body(worker, expert, rows, count) for every group, cut between the workers, one thread
/// each, by numbers of samples.
template<class Worker, class Body>
void for_each_group(const Groups& groups, std::vector<Worker>& workers, unsigned threads,
                    const Body& body) {
    if (workers.size() < threads) workers.resize(threads);
    const std::size_t samples = groups.rows.size();
    const auto run_share = [&](unsigned share) {
        const std::size_t begin = share * samples / threads;
        const std::size_t end = (share + 1) * samples / threads;
        for (std::size_t e = 0; e + 1 < groups.starts.size(); ++e) {
            const std::size_t first = groups.starts[e];
            const std::size_t count = groups.starts[e + 1] - first;
            if (count == 0 || first < begin || first >= end) continue;
            body(workers[share], e, groups.rows.data() + first, count);
        }
    };
    std::vector<std::thread> others;
    for (unsigned share = 1; share < threads; ++share)
        others.emplace_back(run_share, share);
    run_share(0);
    for (std::thread& other : others)
        other.join();
}

/// The model's parameters with each layer's weights as [in][out].
template<class T>
std::vector<T> transposed(const Model<T>& model) {
    std::vector<T> parameters(model.parameters,
                              model.parameters + model.experts * model.parameters_each());
    T* to = parameters.data();
    const T* from = model.parameters;
    for (long e = 0; e < model.experts; ++e) {
        for (std::size_t j = 1; j < model.widths.size(); ++j) {
            const long in = model.widths[j - 1];
            const long out = model.widths[j];
            for (long row = 0; row < out; ++row) {
                for (long col = 0; col < in; ++col)
                    to[col * out + row] = from[row * in + col];
            }
            to += (in + 1) * out;
            from += (in + 1) * out;
        }
    }
    return parameters;
}

} // namespace forward_peer
