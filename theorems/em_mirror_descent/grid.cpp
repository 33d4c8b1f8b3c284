#include "em_mirror_descent/grid.hpp"

#include "basics/error.hpp"
#include "basics/numbers.hpp"
#include "basics/random.hpp"

#include <utility>

namespace em_mirror_descent {

namespace {

using moe::ExpertFamily;
using moe::SymmetricKind;
using UserPointer = std::shared_ptr<const shared::UserData>;

struct SymmetricCase {
    SymmetricKind kind;
    moe::Index n;
    moe::Index d;
    double signal; ///< |beta*| = |w*|
};

struct GatedCase {
    const char* name;
    ExpertFamily family;
    moe::Index K;
    moe::Index C;
    double sigma;
    double lambda;
};

const std::vector<SymmetricCase>& symmetric_cases() {
    static const std::vector<SymmetricCase> cases{{SymmetricKind::linear, 300, 4, 2.0},
                                                  {SymmetricKind::linear, 300, 4, 0.5},
                                                  {SymmetricKind::logistic, 600, 3, 2.0}};
    return cases;
}

const std::vector<GatedCase>& gated_cases() {
    static const std::vector<GatedCase> cases{
        {"linear.K2", ExpertFamily::linear, 2, 1, 1.0, 0.0},
        {"linear.K3", ExpertFamily::linear, 3, 1, 1.0, 0.0},
        {"linear.K4", ExpertFamily::linear, 4, 1, 1.0, 0.0},
        {"linear.K5", ExpertFamily::linear, 5, 1, 1.0, 0.0},
        {"linear.ridge.K3", ExpertFamily::linear, 3, 1, 0.7, 0.01},
        {"free-variance.K2", ExpertFamily::free_variance, 2, 1, 1.0, 0.0},
        {"free-variance.K3", ExpertFamily::free_variance, 3, 1, 1.0, 0.0},
        {"binary.K2", ExpertFamily::multinomial, 2, 2, 1.0, 0.0},
        {"binary.K3", ExpertFamily::multinomial, 3, 2, 1.0, 0.0},
        {"multinomial.K2.C3", ExpertFamily::multinomial, 2, 3, 1.0, 0.01},
        {"multinomial.K3.C4", ExpertFamily::multinomial, 3, 4, 1.0, 0.01}};
    return cases;
}

std::string family_name(ExpertFamily family) {
    switch (family) {
    case ExpertFamily::linear:
        return "linear";
    case ExpertFamily::free_variance:
        return "free-variance";
    case ExpertFamily::multinomial:
        break;
    }
    return "multinomial";
}

Configuration configuration(const SymmetricCase& c) {
    const std::string name = c.kind == SymmetricKind::linear ? "sym-lin" : "sym-log";
    return {
        name + ".signal" + moe::shortest(c.signal), "symmetric", 0,
        moe::SymmetricRecipe{.kind = c.kind, .n = c.n, .d = c.d, .beta = c.signal, .w = c.signal}};
}

Configuration configuration(const GatedCase& c, std::int64_t p, std::int64_t samples) {
    const GatedConfiguration gated{
        {.shape = {.family = c.family, .p = p, .K = c.K, .C = c.C}, .sigma = c.sigma, .n = samples},
        c.lambda};
    const std::int64_t parameters = gated.recipe.shape.parameters();
    if (samples < parameters)
        throw moe::InputError("--samples: '" + std::to_string(samples) + "' is too few for " +
                              c.name + " with " + std::to_string(p) +
                              " features; allowed: at least " + std::to_string(parameters));
    return {std::string(c.name) + ".p" + std::to_string(p), family_name(c.family), 0, gated};
}

} // namespace

std::int64_t Configuration::experts() const {
    if (const auto* gated = std::get_if<GatedConfiguration>(&content)) return gated->recipe.shape.K;
    if (const auto* data = std::get_if<UserPointer>(&content)) return (*data)->shape.K;
    return 2;
}

std::int64_t Configuration::parameters() const {
    if (const auto* gated = std::get_if<GatedConfiguration>(&content))
        return gated->recipe.shape.parameters();
    if (const auto* data = std::get_if<UserPointer>(&content)) return (*data)->parameters();
    return 2 * std::get<moe::SymmetricRecipe>(content).d;
}

shared::EmProblem Configuration::problem(std::uint64_t seed) const {
    const moe::PhiloxSource source(
        seed, moe::cell_key("data." + name + "." + std::to_string(repetition)));
    if (const auto* gated = std::get_if<GatedConfiguration>(&content))
        return shared::em_problem(gated->recipe, gated->lambda, source);
    if (const auto* data = std::get_if<UserPointer>(&content))
        return shared::em_problem(**data, source);
    return shared::em_problem(std::get<moe::SymmetricRecipe>(content), source);
}

std::vector<moe::OptionSpec> grid_options() {
    return {
        moe::choice_option("family", "which mixtures",
                           {"all", "symmetric", "linear", "free-variance", "multinomial"}, "all",
                           "all"),
        moe::integers_option("features",
                             "features p of the mixtures with a softmax gate, the "
                             "constant included",
                             {2, 20}, {3}, {3, 6}),
        moe::integer_option("samples", "samples n of the mixtures with a softmax gate",
                            {20, 100000}, 500, 500, "samples"),
        moe::integer_option("repetitions", "data sets of each configuration", {1, 10000}, 1, 20)};
}

std::vector<Configuration> grid(const moe::Options& options, const UserPointer& user) {
    std::vector<Configuration> once;
    for (const SymmetricCase& c : symmetric_cases())
        once.push_back(configuration(c));
    moe::require_different("features", options.integers("features"));
    for (const std::int64_t p : options.integers("features")) {
        for (const GatedCase& c : gated_cases())
            once.push_back(configuration(c, p, options.integer("samples")));
    }
    const std::string& family = options.text("family");
    if (family != "all")
        std::erase_if(once, [&](const Configuration& c) { return c.family != family; });

    std::vector<Configuration> all;
    for (std::int64_t repetition = 0; repetition < options.integer("repetitions"); ++repetition) {
        for (Configuration c : once) {
            c.repetition = repetition;
            all.push_back(std::move(c));
        }
    }
    if (user) {
        all.push_back(
            {"data", user->symmetric ? "symmetric" : family_name(user->shape.family), 0, user});
    }
    return all;
}

} // namespace em_mirror_descent
