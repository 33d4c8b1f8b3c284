#include "program/json_text.hpp"

#include <nlohmann/json.hpp>

namespace moe {

using Json = nlohmann::ordered_json;

std::string json_text(const Json& json) {
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string json_line(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json option_json(const OptionValue& value) {
    return std::visit([](const auto& typed) { return Json(typed); }, value);
}

} // namespace moe
