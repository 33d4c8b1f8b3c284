#include "training/initialisation.hpp"

#include <cmath>
#include <cstddef>

namespace moe {

std::vector<double> initial_parameters(const StackShape& shape, Initialisation initialisation,
                                       RandomStream random) {
    std::vector<double> parameters(shape.parameters(), 0.0);
    const auto fill = [&](std::size_t offset, std::size_t count, double bound) {
        for (std::size_t i = 0; i < count; ++i)
            parameters[offset + i] = bound * (2.0 * random.uniform() - 1.0);
    };
    const auto bound = [&](const AffineBlock& map, bool first) {
        const bool unit = first && initialisation == Initialisation::data_scaled;
        return unit ? 1.0 : 1.0 / std::sqrt(static_cast<double>(map.inputs));
    };
    for (std::size_t l = 0; l < shape.depth(); ++l) {
        const LayerShape& layer = shape.layer(l);
        if (layer.gated) {
            const AffineBlock& gate = shape.gate(l);
            fill(gate.offset, gate.inputs * gate.outputs, bound(gate, true));
        }
        for (std::size_t e = 0; e < layer.experts; ++e) {
            bool first = true;
            for (const AffineBlock& map : shape.expert(l, e)) {
                fill(map.offset, map.parameters(), bound(map, first));
                first = false;
            }
        }
    }
    return parameters;
}

} // namespace moe
