#pragma once
// Our side of the comparison of EM with flexmix and mixtools (em_peers.sh): the three data sets as
// files, and fits of such files with their times.

#include "basics/error.hpp"
#include "basics/files.hpp"
#include "basics/numbers.hpp"
#include "datasets/observations.hpp"
#include "datasets/synthetic.hpp"
#include "fitting/em.hpp"
#include "mixtures/gated_mixture.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace moe::bench {

/// A data set of the comparison: linear experts of sigma = 1, features (1, normals).
struct PeerCase {
    const char* name;
    std::uint64_t seed;
    Index n;
    Index p;
    Index K;
};

inline constexpr std::array<PeerCase, 3> peer_cases{
    {{"P1", 72, 1000, 2, 2}, {"P2", 73, 1000, 6, 2}, {"P3", 74, 5000, 6, 3}}};

inline GatedShape peer_shape(Index p, Index K, ExpertFamily family) {
    return {.family = family, .p = p, .K = K, .C = 1};
}

/// Fixture data with the start theta* + 0.3 normals.
inline SyntheticData peer_data(const PeerCase& of) {
    return gated_data(
        {.shape = peer_shape(of.p, of.K, ExpertFamily::linear), .n = of.n, .start_noise = 0.3},
        FixtureSource(of.seed));
}

/// R0: the posterior at the start under the known sigma = 1.
inline Matrix start_responsibilities(const PeerCase& of, const SyntheticData& data) {
    const auto model =
        make_gated_mixture(peer_shape(of.p, of.K, ExpertFamily::linear), {}, data.samples);
    Matrix r;
    model->posterior(data.start, r);
    return r;
}

/// Where the first M-step begins: everything 0, but the precisions of free variances, which are 1.
inline Vector before_first_m_step(const GatedShape& shape) {
    Vector theta = Vector::Zero(shape.parameters());
    if (shape.family == ExpertFamily::free_variance) theta.tail(shape.K).setOnes();
    return theta;
}

inline std::string seventeen_digits(double value) {
    std::array<char, 32> text{};
    const int size = std::snprintf(text.data(), text.size(), "%.17g", value);
    return {text.data(), static_cast<std::size_t>(size)};
}

/// folder/P1.csv: y,x1,...,xp (x1 the constant 1),r0,...,z; folder/P1.start.csv: the parameters of
/// the start as part (gate, expert), feature, expert, value, for peers that start from them.
inline void write_peer_data(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    for (const PeerCase& of : peer_cases) {
        const SyntheticData data = peer_data(of);
        const Matrix r = start_responsibilities(of, data);
        std::string text = "y";
        for (Index j = 1; j <= of.p; ++j)
            text += ",x" + std::to_string(j);
        for (Index k = 0; k < of.K; ++k)
            text += ",r" + std::to_string(k);
        text += ",z\n";
        for (Index i = 0; i < of.n; ++i) {
            text += seventeen_digits(data.samples.y(i));
            for (const double x : data.samples.x.row(i))
                text += ',' + seventeen_digits(x);
            for (const double value : r.row(i))
                text += ',' + seventeen_digits(value);
            text += ',' + std::to_string(data.expert[static_cast<std::size_t>(i)]) + '\n';
        }
        write_file(folder / (std::string(of.name) + ".csv"), text);

        text = "part,feature,expert,value\n";
        const auto add_block = [&](const char* part, Index begin, Index columns) {
            for (Index j = 0; j < of.p; ++j)
                for (Index k = 0; k < columns; ++k)
                    text += std::string(part) + ',' + std::to_string(j + 1) + ',' +
                            std::to_string(k) + ',' +
                            seventeen_digits(data.start(begin + j * columns + k)) + '\n';
        };
        add_block("gate", 0, of.K - 1);
        add_block("expert", of.p * (of.K - 1), of.K);
        write_file(folder / (std::string(of.name) + ".start.csv"), text);
    }
}

/// How the variances of the experts are estimated.
enum class Variance {
    maximum_likelihood, ///< sum r e^2 / sum r
    flexmix,            ///< sum r e^2 / mean(r) / (n - p), what flexmix does
    known               ///< 1
};

/// One fit from the responsibilities R0 of the file: T times M-step, E-step, as the peers count.
struct PeerFit {
    std::vector<double> log_likelihood; ///< after 1, ..., T iterations, sum over the samples
    double seconds;     ///< elapsed per iteration, the building of the model included
    double cpu_seconds; ///< the same of the processor: other programs do not count
};

inline PeerFit fit_peer_data(const Observations& data, Variance variance, Index iterations) {
    const auto begin = std::chrono::steady_clock::now();
    const std::clock_t cpu_begin = std::clock();
    const GatedShape shape = peer_shape(data.samples.x.cols(), data.responsibilities.cols(),
                                        variance == Variance::known ? ExpertFamily::linear
                                                                    : ExpertFamily::free_variance);
    const auto model = make_gated_mixture(shape, {}, data.samples);
    const auto n = static_cast<double>(model->samples());
    // In natural parameters (beta / sigma^2, 1 / sigma^2) a larger variance scales both blocks.
    const double shrink =
        variance == Variance::flexmix ? (n - static_cast<double>(shape.p)) / n : 1.0;
    Matrix r = data.responsibilities;
    Vector theta = before_first_m_step(shape);
    PeerFit fit{};
    fit.log_likelihood.reserve(static_cast<std::size_t>(iterations));
    for (Index t = 0; t < iterations; ++t) {
        model->maximise(r, theta);
        if (variance == Variance::flexmix) theta.tail(shape.expert_parameters()) *= shrink;
        fit.log_likelihood.push_back(-n * model->posterior(theta, r));
    }
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    fit.seconds = elapsed.count() / static_cast<double>(iterations);
    fit.cpu_seconds = static_cast<double>(std::clock() - cpu_begin) / CLOCKS_PER_SEC /
                      static_cast<double>(iterations);
    return fit;
}

inline double middle(std::vector<double> values) {
    const auto at = values.begin() + static_cast<Index>(values.size() / 2);
    std::ranges::nth_element(values, at);
    return *at;
}

/// Prints, as CSV, the log-likelihoods of every case in the folder after 1, 2, 10, 50, T iterations
/// under each convention of the variance, and the median times of an iteration over `runs` runs
/// (after a warm-up run).
inline void print_peer_fits(const std::filesystem::path& folder, Index iterations,
                            std::size_t runs) {
    constexpr std::array<std::pair<Variance, const char*>, 3> conventions{
        {{Variance::maximum_likelihood, "ml"},
         {Variance::flexmix, "flexmix"},
         {Variance::known, "known"}}};
    std::puts("data,variance,after_1,after_2,after_10,after_50,after_T,seconds,cpu_seconds");
    for (const PeerCase& of : peer_cases) {
        const Observations data = read_observations(folder / (std::string(of.name) + ".csv"));
        if (data.responsibilities.cols() != of.K)
            throw InputError(std::string(of.name) + ".csv: no start responsibilities");
        for (const auto& [variance, name] : conventions) {
            const PeerFit warm_up = fit_peer_data(data, variance, iterations);
            std::vector<double> seconds;
            std::vector<double> cpu_seconds;
            while (seconds.size() < runs) {
                const PeerFit fit = fit_peer_data(data, variance, iterations);
                seconds.push_back(fit.seconds);
                cpu_seconds.push_back(fit.cpu_seconds);
            }
            std::string line = std::string(of.name) + ',' + name;
            for (const std::size_t after : {std::size_t{1}, std::size_t{2}, std::size_t{10},
                                            std::size_t{50}, static_cast<std::size_t>(iterations)})
                line += ',' + shortest(warm_up.log_likelihood.at(after - 1));
            line += ',' + shortest(middle(seconds)) + ',' + shortest(middle(cpu_seconds));
            std::puts(line.c_str());
        }
    }
}

} // namespace moe::bench
