// The served document and the router agree, call by call.

#include <set>

#include "gateway/rest/router.h"
#include "tests/unit/gateway/gateway_fixture.h"

namespace tally::gateway {
namespace {

class OpenApiTest : public test::GatewayTest {
  protected:
    void SetUp() override {
        start();
        document = parsed(*anonymous().get("/v1/openapi.json"));
    }

    const json::object& operation(std::string_view path, std::string_view method) {
        return document.at("paths").at(path).at(method).as_object();
    }

    json::object document;
};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(std::tolower(c));
    return out;
}

TEST_F(OpenApiTest, DocumentHasEveryRouteAndNoOther) {
    EXPECT_EQ(document.at("openapi"), "3.1.0");
    std::set<std::string> declared, documented;
    const Router router(routes(), backend.documented_contracts());
    for (const auto& bound : router.all())
        declared.insert(lower(method_name(bound.route->method)) + " " + std::string(bound.route->pattern));
    for (const auto& contract : backend.documented_contracts().all()) {
        for (const auto& function : contract->functions()) {
            if (!function.writes)
                declared.insert(fmt::format("post /v1/contracts/{}/{}", contract->name(), function.name));
        }
    }
    for (const auto& path : document.at("paths").as_object()) {
        for (const auto& method : path.value().as_object()) {
            documented.insert(std::string(method.key()) + " " + std::string(path.key()));
        }
    }
    EXPECT_EQ(declared, documented);
}

TEST_F(OpenApiTest, RouterAnswersEveryDocumentedPathAndKnowsItsMethod) {
    auto me = client();
    for (const auto& entry : document.at("paths").as_object()) {
        std::string path(entry.key());
        for (auto open = path.find('{'); open != std::string::npos; open = path.find('{')) {
            path.replace(open, path.find('}') - open + 1, "1");
        }
        const auto options = me.send("OPTIONS", path, {}, {});
        ASSERT_TRUE(options) << options.error().message;
        const std::string allowed(options->header("Allow"));
        for (const auto& method : entry.value().as_object()) {
            std::string upper(method.key());
            for (char& c : upper) c = static_cast<char>(std::toupper(c));
            EXPECT_NE(allowed.find(upper), std::string::npos) << path << " allows " << allowed;
        }
    }
}

TEST_F(OpenApiTest, PathParametersAreThoseOfThePattern) {
    for (const auto& entry : document.at("paths").as_object()) {
        const std::string path(entry.key());
        for (const auto& method : entry.value().as_object()) {
            std::size_t in_path = 0;
            const auto* parameters = method.value().as_object().if_contains("parameters");
            for (const auto& parameter : parameters == nullptr ? json::array() : parameters->as_array()) {
                if (parameter.at("in") != "path") continue;
                ++in_path;
                EXPECT_EQ(parameter.at("required"), true);
                EXPECT_NE(path.find("{" + std::string(parameter.at("name").as_string()) + "}"), std::string::npos)
                    << path;
            }
            EXPECT_EQ(in_path, static_cast<std::size_t>(std::count(path.begin(), path.end(), '{'))) << path;
        }
    }
}

TEST_F(OpenApiTest, ParametersOfAContractsQueryAreThoseOfItsSchema) {
    const auto& days = operation("/v1/devices/{device}/days", "get");
    EXPECT_EQ(days.at("x-tally-function"), "data.days");
    std::set<std::string> query;
    for (const auto& parameter : days.at("parameters").as_array()) {
        if (parameter.at("in") == "query") query.emplace(parameter.at("name").as_string());
    }
    EXPECT_EQ(query, (std::set<std::string>{"attest", "fields", "from", "question", "to"}))
        << "and what an attested answer needs";
}

TEST_F(OpenApiTest, ArgumentSchemasOfContractFunctionsAreComponents) {
    const auto& schemas = document.at("components").at("schemas").as_object();
    for (const auto& contract : backend.documented_contracts().all()) {
        for (const auto& function : contract->functions()) {
            const auto name = contract->name() + "." + function.name;
            ASSERT_TRUE(schemas.contains(name + ".arguments")) << name;
            EXPECT_EQ(schemas.at(name + ".arguments").as_object(), function.schema);
            EXPECT_EQ(schemas.at(name + ".answer").as_object(), function.answer);
        }
    }
}

TEST_F(OpenApiTest, AQuerySaysWhatItTakesAndAnswers) {
    const auto& query = operation("/v1/contracts/data/days", "post");
    const auto schema = [](const json::value& content) {
        return content.at("application/json").at("schema").at("$ref");
    };
    EXPECT_EQ(schema(query.at("requestBody").at("content")), "#/components/schemas/data.days.arguments");
    EXPECT_EQ(schema(query.at("responses").at("200").at("content")), "#/components/schemas/data.days.answer");
    const auto& path = operation("/v1/devices/{device}/days", "get");
    EXPECT_EQ(schema(path.at("responses").at("200").at("content")), "#/components/schemas/data.days.answer");
    EXPECT_EQ(document.at("servers").at(0).at("url"), "/");
}

TEST_F(OpenApiTest, EveryReferenceLeadsSomewhere) {
    const auto& schemas = document.at("components").at("schemas").as_object();
    const auto text = anonymous().get("/v1/openapi.json")->body;
    constexpr std::string_view kReference = "#/components/schemas/";
    std::size_t found = 0;
    for (auto at = text.find(kReference); at != std::string::npos; at = text.find(kReference, at + 1)) {
        const auto begin = at + kReference.size();
        EXPECT_TRUE(schemas.contains(text.substr(begin, text.find('"', begin) - begin)));
        ++found;
    }
    EXPECT_GT(found, 50U);
}

TEST_F(OpenApiTest, ProtectedCallsNameTheirProblems) {
    const auto& publish = operation("/v1/records", "post");
    for (const std::string status :
         {"200", "202", "400", "401", "403", "404", "408", "409", "413", "415", "422", "429", "500", "503", "504"}) {
        EXPECT_TRUE(publish.at("responses").as_object().contains(status)) << status;
    }
    EXPECT_TRUE(publish.at("requestBody").at("content").as_object().contains("application/vnd.vitro.iot-block"));
    const auto& version = operation("/version", "get");
    EXPECT_TRUE(version.at("security").as_array().empty());
    EXPECT_FALSE(version.at("responses").as_object().contains("401"));
}

}  // namespace
}  // namespace tally::gateway
