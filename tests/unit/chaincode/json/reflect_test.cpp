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
};
TALLY_FIELDS(Outer, (name, "what it is called"), (number), (flag), (colour), (note), (list), (anything))

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

// What is written at once is what the JSON values between would give.
TEST(Reflect, TheTextOfAStructIsThatOfItsJson) {
    Outer value;
    value.name = "quote \" and \n and \x01 and \xc3\xa9";
    value.number = INT64_MIN;
    value.list = {{1}, {255}};
    value.anything = parse(R"({"a":[1,{"b":null}],"c":true,"d":18446744073709551615})");
    for (const bool noted : {false, true}) {
        if (noted) value.note = "x";
        const auto text = text_of(value);
        EXPECT_EQ(text, json_text(to_json(value)));
        EXPECT_EQ(reflect::write_text(reflect::TypeOf<Outer>::info, &value, text.size()), text);
        EXPECT_EQ(reflect::write_text(reflect::TypeOf<Outer>::info, &value, text.size() - 1), std::nullopt);
    }
    const std::map<std::string, std::vector<std::int64_t>> lists{{"a", {}}, {"b", {-1, 2}}};
    EXPECT_EQ(text_of(lists), R"({"a":[],"b":[-1,2]})");
    EXPECT_EQ(text_of(std::map<std::string, std::string>()), "{}");
    const std::tuple<std::int64_t, std::optional<std::string>, Colour, bool> mixed{7, std::nullopt, Colour::green,
                                                                                   true};
    EXPECT_EQ(text_of(mixed), R"([7,null,"green",true])");
    EXPECT_EQ(text_of(Inner{200}), R"({"small":200})");
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

constexpr TextForm kUpper{"^[A-Z]+$", [](std::string_view text, std::string_view what) -> Status {
                              if (text.find_first_of("abc") == std::string_view::npos) return {};
                              return fail(Code::malformed, "{} is not upper case", what);
                          }};

struct Base {
    std::int64_t page = 1;
};
TALLY_FIELDS(Base, (page, "the page", .min = 1, .max = 9))

struct Bounded : Base {
    std::string name;
    std::vector<std::string> codes;
    std::map<std::string, std::int64_t> counts;
};
TALLY_FIELDS_WITH(Bounded, (Base), (name, "a name", .min = 2, .max = 4), (codes, "codes", .max = 2, .form = &kUpper),
                  (counts, "by name", .max = 1))

TEST(Reflect, BoundsAreCheckedWhereverAValueComesFrom) {
    const auto with = [](std::string_view name, const json::value& value) {
        auto whole = parse(R"({"name":"abc","codes":["AB"],"counts":{"x":1},"page":3})");
        whole.as_object()[name] = value;
        return from_json<Bounded>(whole);
    };
    ASSERT_OK(with("page", 9));
    EXPECT_REFUSED(with("page", 0), Code::invalid_argument, "\"page\" is 0; 1 to 9 are allowed");
    EXPECT_REFUSED(with("page", 10), Code::invalid_argument, "\"page\" is 10");
    EXPECT_REFUSED(with("name", "a"), Code::invalid_argument, "\"name\" has 1 bytes; at least 2");
    EXPECT_REFUSED(with("name", "abcde"), Code::too_large, "\"name\" has 5 bytes; 4 are allowed");
    EXPECT_REFUSED(with("codes", parse(R"(["A","B","C"])")), Code::invalid_argument, "\"codes\" has 3 entries");
    EXPECT_REFUSED(with("codes", parse(R"(["A","b"])")), Code::malformed, "\"codes[1]\" is not upper case");
    EXPECT_REFUSED(with("counts", parse(R"({"x":1,"y":2})")), Code::invalid_argument, "\"counts\" has 2 entries");
    EXPECT_REFUSED(with("counts", parse(R"({"x":"1"})")), Code::invalid_argument, "\"counts.x\" must be an integer");

    Bounded value{{3}, "abc", {"AB"}, {{"x", 1}}};
    EXPECT_TRUE(check_bounds(value));
    value.page = 10;
    EXPECT_REFUSED(check_bounds(value), Code::invalid_argument, "\"page\" is 10");
    value = {{3}, "abcde", {}, {}};
    EXPECT_REFUSED(check_bounds(value), Code::too_large, "\"name\"");
}

TEST(Reflect, TheMembersOfABaseComeLast) {
    EXPECT_EQ(json_text(to_json(Bounded{{3}, "abc", {"AB"}, {{"x", 1}}})),
              R"({"name":"abc","codes":["AB"],"counts":{"x":1},"page":3})");
}

TEST(Reflect, TheSchemaStatesTheBounds) {
    const auto schema = schema_of<Bounded>();
    EXPECT_EQ(json_text(schema.at("properties").at("name")),
              R"({"type":"string","minLength":2,"maxLength":4,"description":"a name"})");
    EXPECT_EQ(json_text(schema.at("properties").at("codes")),
              R"({"type":"array","items":{"type":"string","pattern":"^[A-Z]+$"},"maxItems":2,"description":"codes"})");
    EXPECT_EQ(
        json_text(schema.at("properties").at("counts")),
        R"({"type":"object","additionalProperties":{"type":"integer"},"maxProperties":1,"description":"by name"})");
    EXPECT_EQ(schema.at("properties").at("page").at("maximum"), 9);
    EXPECT_EQ(schema.at("required"), parse(R"(["name","page"])"));
}

}  // namespace
}  // namespace tally::chaincode::test
