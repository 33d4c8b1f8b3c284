#include "fitting/truncation.hpp"

#include <cmath>
#include <stdexcept>

namespace moe {

void keep_largest(Matrix& r, Index k) {
    if (k < 1 || k > r.cols()) {
        throw std::invalid_argument("keep_largest: k must lie between 1 and the number of experts");
    }
    if (k == r.cols()) return;
    std::vector<char> kept(static_cast<std::size_t>(r.cols()));
    for (Index i = 0; i < r.rows(); ++i) {
        kept.assign(kept.size(), 0);
        double sum = 0.0;
        for (Index round = 0; round < k; ++round) {
            Index best = -1;
            for (Index j = 0; j < r.cols(); ++j) {
                if (kept[static_cast<std::size_t>(j)] != 0) continue;
                if (best < 0 || r(i, j) > r(i, best)) best = j;
            }
            kept[static_cast<std::size_t>(best)] = 1;
            sum += r(i, best);
        }
        for (Index j = 0; j < r.cols(); ++j) {
            r(i, j) = kept[static_cast<std::size_t>(j)] != 0 ? r(i, j) / sum : 0.0;
        }
    }
}

namespace {

double free_energy_of(const Matrix& r, const Matrix& l, double lambda, const Vector& theta) {
    double sum = 0.0;
    for (Index j = 0; j < r.cols(); ++j) {
        for (Index i = 0; i < r.rows(); ++i) {
            if (r(i, j) > 0.0) sum += r(i, j) * (l(i, j) - std::log(r(i, j)));
        }
    }
    return sum / static_cast<double>(r.rows()) - 0.5 * lambda * theta.squaredNorm();
}

} // namespace

double free_energy(LatentModel& model, const Matrix& r, const Vector& theta) {
    Matrix l;
    model.complete_log_density(theta, l);
    return free_energy_of(r, l, model.lambda(), theta);
}

EStep top_k_posterior(Index k) {
    return [k](LatentModel& model, const Vector& theta, Matrix& r) {
        const double loss = model.posterior(theta, r);
        keep_largest(r, k);
        return loss;
    };
}

EStep gate_routing() {
    return [](LatentModel& model, const Vector& theta, Matrix& r) {
        model.gate(theta, r);
        keep_largest(r, 1);
        return model.loss(theta);
    };
}

RoutedTrace run_routed(LatentModel& model, const EStep& e_step, Vector theta, Index iterations) {
    RoutedTrace trace;
    Matrix r;
    Matrix before;
    Matrix l;
    for (Index t = 0; t <= iterations; ++t) {
        const double loss = e_step(model, theta, r);
        model.complete_log_density(theta, l);
        trace.objectives.push_back(loss + 0.5 * model.lambda() * theta.squaredNorm());
        trace.free_energies.push_back(free_energy_of(r, l, model.lambda(), theta));
        if (!trace.fixed_at && t > 0 && r == before) trace.fixed_at = t;
        trace.theta = theta;
        if (t == iterations) break;
        try {
            model.maximise(r, theta);
        } catch (const FitError& error) {
            trace.failure = error.what();
            break;
        }
        before = r;
    }
    return trace;
}

} // namespace moe
