#include "store/safetensors.hpp"

#include "store/sample_models.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

using moe::Dtype;
using moe::InputError;
using moe::SafetensorsView;
using moe::test::file_with;
using moe::test::refuses;

namespace {

/// The header is refused with a message that names the file and all of `parts`.
void header_refused(const std::string& header, std::size_t data_bytes,
                    std::initializer_list<std::string_view> parts) {
    const std::vector<std::byte> bytes = file_with(header, data_bytes);
    refuses<InputError>([&] { SafetensorsView("some.file", bytes); }, {"some.file"});
    refuses<InputError>([&] { SafetensorsView("some.file", bytes); }, parts);
}

std::string tensor(const std::string& dtype, const std::string& shape, const std::string& offsets) {
    return R"({"x":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" +
           offsets + "}}";
}

} // namespace

BOOST_AUTO_TEST_SUITE(safetensors_reader)

BOOST_AUTO_TEST_CASE(entries_are_read_in_the_order_of_their_data) {
    // Written by hand from the format's description; 3 F32 after 2 U64, in the other header order.
    const std::string header = R"({"b":{"shape":[3],"dtype":"F32","data_offsets":[16,28]},)"
                               R"("__metadata__":{"key":"a \"value\""},)"
                               R"("a":{"dtype":"U64","shape":[2,1],"data_offsets":[0,16]}}   )";
    std::vector<std::byte> bytes = file_with(header, 28);
    const std::size_t data = 8 + header.size();
    const std::uint64_t second = 0xfedcba9876543210U;
    const float third = -1.5F;
    std::memcpy(bytes.data() + data + 8, &second, 8);
    std::memcpy(bytes.data() + data + 16 + 8, &third, 4);

    const SafetensorsView view("f", bytes);
    BOOST_TEST(view.metadata().at("key") == "a \"value\"");
    BOOST_REQUIRE(view.tensors().size() == 2U);
    BOOST_TEST(view.tensors()[0].name == "a");
    BOOST_TEST(view.tensors()[1].name == "b");
    BOOST_TEST(view.tensors()[1].begin == data + 16);
    BOOST_TEST(view.file_bytes() == bytes.size());
    BOOST_TEST(view.find("c") == nullptr);
    const moe::TensorInfo& a = view.require("a", Dtype::u64, std::array<std::uint64_t, 2>{2, 1});
    BOOST_TEST(view.bytes(a).size() == 16U);
    BOOST_TEST(std::memcmp(view.bytes(a).data() + 8, &second, 8) == 0);
    const moe::TensorInfo& b = view.require_vector("b", Dtype::f32);
    BOOST_TEST(b.elements == 3U);
    float read = 0.0F;
    std::memcpy(&read, view.bytes(b).data() + 8, 4);
    BOOST_TEST(read == third);
}

BOOST_AUTO_TEST_CASE(scalars_and_empty_tensors_are_tensors) {
    const std::string header = R"({"s":{"dtype":"U8","shape":[],"data_offsets":[0,1]},)"
                               R"("e":{"dtype":"F64","shape":[4,0],"data_offsets":[1,1]}})";
    const std::vector<std::byte> bytes = file_with(header, 1);
    const SafetensorsView view("f", bytes);
    BOOST_TEST(view.find("s")->elements == 1U);
    BOOST_TEST(view.find("e")->elements == 0U);
    BOOST_TEST(view.values<double>(*view.find("e")).empty());
    const std::vector<std::byte> none = file_with("{}", 0);
    BOOST_TEST(SafetensorsView("f", none).tensors().empty());
}

BOOST_AUTO_TEST_CASE(unaligned_elements_are_served_as_bytes_only) {
    // 8 + 70 bytes of header: the data start at no multiple of 4.
    std::string header = tensor("F64", "[1]", "[0,8]");
    header.resize(70, ' ');
    const std::vector<std::byte> bytes = file_with(header, 8);
    const SafetensorsView view("f", bytes);
    BOOST_TEST(view.bytes(*view.find("x")).size() == 8U);
    refuses<InputError>([&] { (void)view.values<double>(*view.find("x")); },
                        {"'x'", "offset 78", "aligned"});
    BOOST_CHECK_THROW((void)view.values<float>(*view.find("x")), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_wrong_header_length_is_refused) {
    std::vector<std::byte> bytes = file_with("{}", 0);
    for (const std::uint64_t length :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{3}, std::uint64_t{1} << 32U,
          std::uint64_t{1} << 63U, std::numeric_limits<std::uint64_t>::max(),
          std::numeric_limits<std::uint64_t>::max() - 7}) {
        std::memcpy(bytes.data(), &length, 8);
        refuses<InputError>([&] { SafetensorsView("f", bytes); },
                            {"f: ", "header length " + std::to_string(length), "offset 0"});
    }
    for (std::size_t size = 0; size < 8; ++size) {
        refuses<InputError>([&] { SafetensorsView("f", std::span(bytes).first(size)); },
                            {std::to_string(size) + " bytes"});
    }
}

BOOST_AUTO_TEST_CASE(text_that_is_no_json_object_is_refused_with_its_offset) {
    header_refused(" {}", 0, {"offset 8"});
    header_refused("[]", 0, {"offset 8"});
    header_refused("{} {}", 0, {"JSON", "offset 11"});
    header_refused("{\"a\"", 0, {"JSON"});
    header_refused(std::string("{}\0{", 4), 0, {"NUL", "offset 10"});
    header_refused("{\"a\xff\":1}", 0, {"JSON", "offset 11"});
    header_refused("{\"a\":1}", 0, {"'a'"});
    header_refused("{\"a\":null}", 0, {"'a'"});
    header_refused("{\"a\":[]}", 0, {"'a'"});
    header_refused("{\"a\":{}}", 0, {"'a'", "needs dtype, shape"});
}

BOOST_AUTO_TEST_CASE(deep_nesting_is_refused_at_the_first_level_too_many) {
    const std::size_t depth = 1'000'000;
    header_refused(R"({"a":)" + std::string(depth, '['), 0, {"'a'", "a list"});
    header_refused(tensor("F64", std::string(depth, '['), "[0,8]"), 8, {"'x'", "'shape'"});
    std::string objects = R"({"a":{"dtype":)";
    for (std::size_t i = 0; i < depth; ++i) {
        objects += R"({"b":)";
    }
    header_refused(objects, 0, {"'a'", "an object"});
    header_refused(R"({"__metadata__":{"k":{}}})", 0, {"__metadata__", "'k'"});
    header_refused(R"({"__metadata__":{"k":1}})", 0, {"__metadata__", "'k'"});
    header_refused(R"({"__metadata__":[]})", 0, {"__metadata__"});
}

BOOST_AUTO_TEST_CASE(wrong_entries_of_a_tensor_are_refused) {
    header_refused(tensor("F16", "[1]", "[0,2]"), 2, {"'x'", "'F16'", "F64, F32"});
    header_refused(tensor("F64", "[-1]", "[0,8]"), 8, {"'x'", "'shape'", "negative"});
    header_refused(tensor("F64", "[1.0]", "[0,8]"), 8, {"'x'", "'shape'"});
    header_refused(tensor("F64", "[1e999]", "[0,8]"), 8, {"JSON"});
    header_refused(tensor("F64", "[18446744073709551616]", "[0,8]"), 8, {"'x'", "'shape'"});
    header_refused(tensor("F64", "[1,1,1,1,1,1,1,1,1]", "[0,8]"), 8, {"'x'", "8 axes"});
    header_refused(tensor("F64", "1", "[0,8]"), 8, {"'x'", "'shape'"});
    header_refused(tensor("F64", "[1]", "[0]"), 8, {"'x'", "two data_offsets"});
    header_refused(tensor("F64", "[1]", "[0,8,8]"), 8, {"'x'", "more than 2"});
    header_refused(tensor("F64", "[1]", R"("0")"), 8, {"'x'", "a text"});
    header_refused(R"({"x":{"dtype":"F64","dtype":"F64"}})", 0, {"'x'", "dtype", "twice"});
    header_refused(R"({"x":{"shape":[],"shape":[]}})", 0, {"'x'", "shape", "twice"});
    header_refused(R"({"x":{"data_offsets":[],"data_offsets":[]}})", 0, {"'x'", "twice"});
    header_refused(R"({"x":{"stride":[1]}})", 0, {"'x'", "'stride'"});
}

BOOST_AUTO_TEST_CASE(offsets_that_disagree_with_shape_or_file_are_refused) {
    header_refused(tensor("F64", "[2]", "[0,8]"), 8, {"'x'", "[0, 8]", "[2]", "F64"});
    header_refused(tensor("F64", "[1]", "[0,9]"), 9, {"'x'", "[0, 9]"});
    header_refused(tensor("F64", "[1]", "[8,0]"), 8, {"'x'", "[8, 0]"});
    header_refused(tensor("F64", "[1]", "[0,8]"), 7, {"'x'", "[0, 8]", "7 bytes"});
    header_refused(tensor("F64", "[1]", "[18446744073709551608,18446744073709551615]"), 8,
                   {"'x'", "18446744073709551615"});
    // 2^61 elements of 8 bytes are 0 bytes modulo 2^64, and 2^32 squared is 0 elements.
    header_refused(tensor("F64", "[2305843009213693952]", "[0,0]"), 0, {"'x'", "[0, 0]"});
    header_refused(tensor("F64", "[4294967296,4294967296]", "[0,0]"), 0, {"'x'", "overflows"});
    header_refused(tensor("F64", "[4294967296,4294967296,0]", "[0,0]"), 0, {"'x'", "overflows"});
}

BOOST_AUTO_TEST_CASE(overlaps_holes_and_trailing_bytes_are_refused) {
    const auto two = [](const std::string& a, const std::string& b) {
        return R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)" + a +
               R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)" + b + "}}";
    };
    const std::size_t data = 8 + two("[0,4]", "[2,6]").size();
    header_refused(
        two("[0,4]", "[2,6]"), 6,
        {"'b'", "offset " + std::to_string(data + 2), "inside", std::to_string(data + 4)});
    header_refused(two("[0,4]", "[0,4]"), 4, {"offset " + std::to_string(data), "inside"});
    header_refused(two("[0,4]", "[5,9]"), 9, {"'b'", std::to_string(data + 5), "hole"});
    header_refused(two("[4,8]", "[8,12]"), 12, {"'a'", "hole"});
    header_refused(two("[0,4]", "[4,8]"), 9, {"1 bytes", std::to_string(data + 8)});
    header_refused("{}", 1, {"1 bytes", "offset 10"});
}

BOOST_AUTO_TEST_CASE(repeated_names_are_refused) {
    const std::string one = R"("a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]})";
    const std::string other = R"("a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]})";
    header_refused("{" + one + "," + other + "}", 8, {"'a'", "twice", "offset"});
    header_refused(R"({"__metadata__":{},"__metadata__":{}})", 0, {"__metadata__", "twice"});
    header_refused(R"({"__metadata__":{"k":"","k":""}})", 0, {"'k'", "twice"});
}

BOOST_AUTO_TEST_CASE(a_message_is_one_short_line_whatever_the_name) {
    BOOST_TEST(moe::in_quotes("a\nb\x1b") == "'a?b?'");
    const std::string name(100'000, 'n');
    const std::vector<std::byte> bytes = file_with(R"({")" + name + R"(\n":1})", 0);
    try {
        (void)SafetensorsView("f", bytes);
        BOOST_ERROR("accepted");
    } catch (const InputError& error) {
        BOOST_TEST(std::string_view(error.what()).size() < 300U);
    }
}

BOOST_AUTO_TEST_CASE(a_tensor_of_another_kind_than_asked_for_is_refused_by_name) {
    const std::vector<std::byte> bytes = file_with(tensor("F64", "[1,2]", "[0,16]"), 16);
    const SafetensorsView view("f", bytes);
    const std::array<std::uint64_t, 2> shape{1, 2};
    const std::array<std::uint64_t, 2> other{2, 1};
    BOOST_TEST(&view.require("x", Dtype::f64, shape) == view.find("x"));
    refuses<InputError>([&] { (void)view.require("y", Dtype::f64, shape); }, {"'y'", "missing"});
    refuses<InputError>([&] { (void)view.require("x", Dtype::f32, shape); },
                        {"'x'", "offset", "F64 [1, 2]", "F32 [1, 2]"});
    refuses<InputError>([&] { (void)view.require("x", Dtype::f64, other); },
                        {"'x'", "F64 [1, 2]", "F64 [2, 1]"});
    refuses<InputError>([&] { (void)view.require_vector("x", Dtype::f64); }, {"'x'"});
}

BOOST_AUTO_TEST_SUITE_END()
