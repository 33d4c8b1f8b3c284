#include "judgement.hpp"

namespace approx_rate {

namespace {

const char* const v1 = "arXiv:2402.03460v1";
const char* const v2 = "arXiv:2402.03460v2";

/// The claims that each construction makes of its models.
void add_certificate_claims(std::vector<moe::ClaimInfo>& claims, const std::string& check) {
    const bool bits = check == "bit-extraction";
    const auto add = [&](const std::string& name, const char* theorem, std::string statement) {
        claims.push_back({check + "." + name, check, v2, theorem, std::move(statement)});
    };
    if (bits) {
        add("nodes", "proof of A1, certificate 1",
            "the zig-zag paths follow f: |f - v| <= q at every node");
        add("codes", "proof of A1, certificate 1",
            "the codes that an expert stores are those of the paths");
        add("reference", "proof of A1, certificate 2",
            "|net - median of the three path values| <= 1e-12 outside step zones");
    } else {
        add("nodes", "proof of A1, certificate 1",
            "|net - f| <= 1e-12 at the nodes of every touched expert, which proves E");
        add("tight", "proof of A1, certificate 4",
            "|E_samp/E - 1| <= 1e-9 for the worst-case target: E is attained");
        add("reference", "proof of A1, certificate 2",
            "|net - Freudenthal interpolant| <= 1e-12 at random points");
    }
    add("sampled", "proof of A1, certificate 3", "E_samp <= E + 1e-9 for every model and target");
    add("loading", "A1, loaded parameters",
        "an input loads exactly the P parameters of the formula, and 2n reals per visited node");
    add("floor", "notes 3.7", "8 bytes(file) >= G(E): no model is smaller than its signs");
}

} // namespace

std::vector<moe::ClaimInfo> claims() {
    std::vector<moe::ClaimInfo> claims{
        {"A1.rate", "kuhn", v2, "abstract, A1 (r = 1)",
         "an input loads O(eps^-1) parameters for every n: fitted exponent 1"},
        {"A2.total", "kuhn", v1, "abstract, A2",
         "the routing reads at most 2n^2 ceil(log2 K) = O(log 1/eps) reals"},
        {"tradeoff.params", "kuhn", v2, "A1 for every r in [0, n]",
         "loaded parameters ~ eps^-r for r = 0, 1/2, 1, n/2, n"},
        {"tradeoff.experts", "kuhn", v2, "A1 for every r in [0, n]",
         "number of experts ~ eps^-(n-r)"},
        {"loose.constants", "kuhn", v2, "A1 is not sharp",
         "constant experts load 1 parameter at every eps: exponent 0, not 1"},
        {"loose.separation", "kuhn", v2, "A1 against A3",
         "at r = 1 the loaded parameters stay above the bound for dense nets with real weights at "
         "every measured size: A1 is no separation for n <= 2, nor here for n = 3, 4"},
        {"loose.storage", "kuhn", v2, "the curse moves from memory to storage",
         "every number of every expert lies on disk: bytes(file) >= 8 L P for each written model, "
         "and L P ~ eps^-n by the two exponents"},
        {"separation", "kuhn", v2, "the trade-off against A3",
         "for n = 3, 4 what is loaded at r = 1/2 falls below the bound for dense nets with real "
         "weights within the measured sizes"},
    };
    add_certificate_claims(claims, "kuhn");
    claims.push_back({"narrow.rate", "narrow", v2, "abstract, A1 (r = 1)",
                      "the same with dense experts of constant width: fitted exponent 1"});
    add_certificate_claims(claims, "narrow");
    claims.insert(
        claims.end(),
        {{"bit-extraction.params", "bit-extraction", v2, "A1 with fewer experts",
          "loaded parameters ~ eps^-r for r = 1/2 (k = 1) and r = 1 (k = 2)"},
         {"bit-extraction.experts", "bit-extraction", v2, "A1 with fewer experts",
          "number of experts ~ eps^-(n-2r)"},
         {"loose.low-dimension", "bit-extraction", v2, "A1 against A3",
          "for n <= 2 one dense net without routing has O(eps^{-n/2}), at most O(eps^-1), "
          "parameters: A1 separates nothing there"}});
    add_certificate_claims(claims, "bit-extraction");
    claims.insert(
        claims.end(),
        {{"A1.inequality", "plans", v2, "A1, explicit constant",
          "P <= 12n 2^n (lambda sqrt(n)/eps)^r + n^2 + 5n for every planned eps and r"},
         {"A1.inequality.narrow", "plans", v2, "A1, explicit constant",
          "the same for narrow dense experts with 9 times the right side"},
         {"A1.error", "plans", v2, "A1", "the certified error E of the plan is at most eps"},
         {"A2.inequality", "plans", v1, "A2, explicit constant", "2n height <= 2n^2 ceil(log2 K)"},
         {"A3.exponent", "dense", v1, "abstract, A3 (as a lower bound)",
          "every dense ReLU net needs P_dense ~ eps^{-n/2}/sqrt(log 1/eps) parameters"},
         {"A3.crossing", "dense", v1, "abstract, A3 (as a lower bound)",
          "for every n a mixture (r = 0) loads less in total than any dense ReLU net must have"},
         {"storage.separation", "dense", v2, "notes 3.7",
          "for n >= 2 the bytes loaded at r = 1 fall below G/8, what a resident model needs"},
         {"A3.signs", "signs", v1, "notes 3.7",
          "a mixture with E below the height of the bumps has the sign of f at all G points"}});
    return claims;
}

std::vector<moe::FigureInfo> figures() {
    return {
        {"approx_rate_loaded", "Loaded parameters against 1/error",
         "Parameters that one input loads (points, counted by the store) for r = 0, 1/2, 1 and "
         "for the dense construction r = n; the curve below which no dense ReLU net can be."},
        {"approx_rate_tradeoff", "Experts against loaded parameters",
         "Number of experts against loaded parameters of plans for three errors, r = 0, 1/2, 1, "
         "n/2, n: one trades the other."},
        {"approx_rate_error", "Certified and sampled error",
         "Largest sampled error over the certified bound E on four families of targets; the "
         "worst case attains E."},
        {"approx_rate_bytes", "Bytes on disk, resident and read",
         "Bytes of the model file, resident at peak, and read per input, against 1/error."}};
}

} // namespace approx_rate
