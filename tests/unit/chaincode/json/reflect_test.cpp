#include "chaincode/json/reflect.h"

#include "tests/unit/chaincode/memory_state.h"

namespace tally::chaincode::test {
namespace {

enum class Colour { red, green };
BOOST_DESCRIBE_ENUM(Colour, red, green)

struct Inner {
    std::uint8_t small = 0;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (small))

struct Outer {
    std::string name;
    std::int64_t number = 0;
    bool flag = false;
    Colour colour = Colour::red;
    std::optional<std::string> note;
    std::vector<Inner> list;
    json::value anything;

    static std::string_view describe(std::string_view member) { return member == "name" ? "what it is called" : ""; }
};
BOOST_DESCRIBE_STRUCT(Outer, (), (name, number, flag, colour, note, list, anything))

constexpr std::string_view kWhole =
    R"({"name":"n","number":-5,"flag":true,"colour":"green","note":"x","list":[{"small":255}],"anything":[1]})";

TEST(Reflect, AStructGoesToJsonAndBack) {
    const auto read = from_json<Outer>(parse(kWhole));
    ASSERT_OK(read);
    EXPECT_EQ(read->colour, Colour::green);
    EXPECT_EQ(read->list[0].small, 255);
    EXPECT_EQ(json_text(to_json(*read)), kWhole);
    const auto brief =
        from_json<Outer>(parse(R"({"name":"n","number":1,"flag":false,"colour":"red","anything":null,"note":null})"));
    ASSERT_OK(brief);
    EXPECT_FALSE(brief->note);
    EXPECT_EQ(json_text(to_json(*brief)),
              R"({"name":"n","number":1,"flag":false,"colour":"red","list":[],"anything":null})");
}

TEST(Reflect, EveryRefusalNamesItsField) {
    const auto with = [](std::string_view name, const json::value& value) {
        auto whole = parse(kWhole);
        whole.as_object()[name] = value;
        return from_json<Outer>(whole);
    };
    EXPECT_REFUSED(with("name", 1), Code::invalid_argument, "\"name\" must be a string");
    EXPECT_REFUSED(with("number", "1"), Code::invalid_argument, "\"number\" must be an integer");
    EXPECT_REFUSED(with("number", 18446744073709551615U), Code::invalid_argument, "\"number\" is out of range");
    EXPECT_REFUSED(with("flag", 0), Code::invalid_argument, "\"flag\" must be true or false");
    EXPECT_REFUSED(with("colour", "blue"), Code::invalid_argument, "red, green");
    EXPECT_REFUSED(with("note", 1), Code::invalid_argument, "\"note\"");
    EXPECT_REFUSED(with("list", json::object{}), Code::invalid_argument, "\"list\" must be a list");
    EXPECT_REFUSED(with("list", parse(R"([{"small":1},{"small":256}])")), Code::invalid_argument,
                   "\"list[1].small\" is out of range");
    EXPECT_REFUSED(with("list", parse(R"([{}])")), Code::invalid_argument, "\"list[0].small\" is missing");
    EXPECT_REFUSED(with("extra", 1), Code::invalid_argument, "\"extra\" is not known");
    EXPECT_REFUSED(from_json<Outer>(parse("[]")), Code::invalid_argument, "must be an object");
    EXPECT_REFUSED(from_json<Outer>(parse("{}")), Code::invalid_argument, "\"name\" is missing");
}

TEST(Reflect, TheSchemaSaysWhatIsRequired) {
    const auto schema = schema_of<Outer>();
    EXPECT_EQ(schema.at("required"), parse(R"(["name","number","flag","colour","anything"])"));
    EXPECT_EQ(schema.at("properties").at("name").at("description"), "what it is called");
    EXPECT_EQ(schema.at("properties").at("colour").at("enum"), parse(R"(["red","green"])"));
    EXPECT_EQ(schema.at("additionalProperties"), false);
}

}  // namespace
}  // namespace tally::chaincode::test
