#include "forward/shapes.hpp"

#include <stdexcept>
#include <string>

namespace moe {

namespace {

void check(const char* what, std::size_t size, std::size_t batch, std::size_t per_input) {
    if (size / per_input == batch && size % per_input == 0) return;
    throw std::invalid_argument(std::string(what) + " have " + std::to_string(size) + " entries, " +
                                std::to_string(batch) + " x " + std::to_string(per_input) +
                                " are needed");
}

} // namespace

void check_expert_shapes(const Architecture& architecture, std::size_t parameters,
                         std::size_t batch, std::size_t inputs, std::size_t outputs) {
    if (parameters != architecture.parameters()) {
        throw std::invalid_argument("an expert has " + std::to_string(architecture.parameters()) +
                                    " parameters, " + std::to_string(parameters) + " given");
    }
    check("inputs", inputs, batch, architecture.inputs());
    check("outputs", outputs, batch, architecture.outputs());
}

std::size_t batch_size(const Architecture& architecture, std::size_t inputs, std::size_t outputs) {
    const std::size_t batch = outputs / architecture.outputs();
    check("outputs", outputs, batch, architecture.outputs());
    check("inputs", inputs, batch, architecture.inputs());
    return batch;
}

} // namespace moe
