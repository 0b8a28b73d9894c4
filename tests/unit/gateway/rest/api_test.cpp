// Every route and every refusal, over TLS against the fake ledger.

#include "gateway/rest/api.h"

#include "chaincode/proposal.h"
#include "crypto/hash.h"
#include "tests/unit/gateway/gateway_fixture.h"

namespace tally::gateway {
namespace {

using test::expect_problem;

constexpr std::string_view kCose = "application/cose";

class RestApiTest : public test::GatewayTest {
  protected:
    void SetUp() override {
        start();
        me.emplace(client());
    }

    Result<ClientResponse> publish(std::string_view text, std::string_view path = "/v1/records") {
        return me->post(path, as_bytes(text), kCose);
    }

    json::object get_json(std::string_view path) {
        const auto response = me->get(path);
        if (!response || response->status != 200) {
            ADD_FAILURE() << path << ": " << (response ? response->body : response.error().message);
            return {};
        }
        EXPECT_EQ(response->header("Content-Type"), "application/json");
        return parsed(*response);
    }

    std::optional<HttpClient> me;
};

TEST_F(RestApiTest, AnonymousSeesOnlyWhatIsForAnyone) {
    auto stranger = anonymous();
    for (const std::string path : {"/", "/healthz", "/readyz", "/version", "/v1/openapi.json"}) {
        const auto response = stranger.get(path);
        ASSERT_TRUE(response) << response.error().message;
        EXPECT_EQ(response->status, 200) << path;
    }
    for (const std::string path :
         {"/metrics", "/v1/node", "/v1/blocks", "/v1/devices", "/v1/contracts", "/v1/events"}) {
        const auto response = stranger.get(path);
        expect_problem(response, 401, "unauthenticated");
        EXPECT_EQ(response->header("WWW-Authenticate"), "Bearer realm=\"tally\"");
    }
    expect_problem(stranger.post("/v1/records", as_bytes("x"), kCose), 401, "unauthenticated");
}

class OperationsTest : public test::GatewayTest {};

TEST_F(OperationsTest, ANodeThatIsNoGatewayServesNothingElse) {
    operations_only = true;
    start();
    auto member = client();
    for (const std::string path : {"/", "/healthz", "/readyz", "/version", "/v1/openapi.json", "/metrics", "/v1/node"})
        EXPECT_EQ(member.get(path)->status, 200) << path;
    for (const std::string path : {"/v1/blocks", "/v1/devices", "/v1/contracts", "/v1/events"})
        expect_problem(member.get(path), 404, "not_found");
    expect_problem(member.post("/v1/records", as_bytes("x"), kCose), 404, "not_found");
    expect_problem(anonymous().get("/metrics"), 401, "unauthenticated");
}

TEST_F(RestApiTest, RecordIsCommittedAndItsTransactionCanBeReadBack) {
    const auto response = publish("a record");
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 200);
    const auto id = crypto::sha256(as_bytes("a record")).hex();
    EXPECT_EQ(response->header("Location"), "/v1/transactions/" + id);
    const auto outcome = parsed(*response);
    EXPECT_EQ(outcome.at("content_id"), json::value(id));
    EXPECT_EQ(outcome.at("duplicate"), false);
    EXPECT_EQ(outcome.at("transaction").at("state"), "committed");
    EXPECT_EQ(outcome.at("transaction").at("validation_code"), "VALID");
    EXPECT_EQ(outcome.at("transaction").at("block"), 1);
    EXPECT_EQ(outcome.at("transaction").at("result").at("bytes"), 8);

    EXPECT_EQ(get_json("/v1/transactions/" + id).at("state"), "committed");
    const auto raw = me->get("/v1/transactions/" + id + "/raw");
    EXPECT_EQ(raw->body, "a record");
    EXPECT_EQ(raw->header("Content-Type"), "application/octet-stream");
    const auto receipt = me->get("/v1/transactions/" + id + "/receipt");
    EXPECT_EQ(receipt->body,
              "\xd2"
              "a record");
    EXPECT_EQ(receipt->header("Content-Type"), kCose);
}

TEST_F(RestApiTest, SameRecordAgainIsOneRecord) {
    ASSERT_TRUE(publish("twice"));
    const auto again = publish("twice");
    EXPECT_EQ(again->status, 200);
    EXPECT_EQ(parsed(*again).at("duplicate"), true);
}

TEST_F(RestApiTest, AcceptedRecordIsNotCommittedYet) {
    const auto response = publish("soon", "/v1/records?wait=accepted");
    EXPECT_EQ(response->status, 202);
    EXPECT_EQ(parsed(*response).at("transaction").at("state"), "pending");
}

TEST_F(RestApiTest, RecordOfFortyKilobytesArrivesWhole) {
    const std::string large(40 << 10, 'r');
    const auto response = publish(large);
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(parsed(*response).at("content_id"), json::value(crypto::sha256(as_bytes(large)).hex()));
}

TEST_F(RestApiTest, VitroBlockKeepsItsContentType) {
    const auto response = me->post("/v1/records", as_bytes("block"), "application/vnd.vitro.iot-block; version=2");
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(backend.last_content_type(), "application/vnd.vitro.iot-block");
}

TEST_F(RestApiTest, InvalidTransactionIsAConflictWithItsValidationCode) {
    const auto response = publish("invalid");
    expect_problem(response, 409, "transaction_invalid");
    EXPECT_EQ(parsed(*response).at("validation_code"), "MVCC_READ_CONFLICT");
    expect_problem(me->post("/v1/transactions", as_bytes("invalid"), kCose), 409, "transaction_invalid");
}

TEST_F(RestApiTest, RefusedRecordHasTheStatusOfItsCode) {
    const std::vector<std::pair<std::string, int>> expected = {
        {"malformed", 400},         {"invalid_argument", 400},
        {"permission_denied", 403}, {"unknown_device", 404},
        {"unknown_contract", 404},  {"conflict", 409},
        {"duplicate_record", 409},  {"too_large", 413},
        {"bad_signature", 422},     {"wrong_channel", 422},
        {"device_suspended", 422},  {"device_retired", 422},
        {"stale_sequence", 422},    {"chain_broken", 422},
        {"period_overlap", 422},    {"schema_mismatch", 422},
        {"summary_mismatch", 422},  {"root_mismatch", 422},
        {"clock_ahead", 422},       {"too_late", 422},
        {"rate_limited", 429},      {"busy", 503},
        {"unavailable", 503},       {"disk_full", 503},
        {"timeout", 504},           {"internal", 500},
        {"io_error", 500},          {"certificate_revoked", 403}};
    for (const auto& [code, status] : expected) expect_problem(publish("refuse " + code), status, code);
}

TEST_F(RestApiTest, OverloadSaysWhenToComeBack) {
    const auto busy = publish("refuse busy");
    EXPECT_EQ(busy->header("Retry-After"), "1");
    EXPECT_EQ(parsed(*busy).at("retry_after"), 1);
}

TEST_F(RestApiTest, FailureOfTheNodeShowsNoInnerMessage) {
    const auto response = publish("refuse internal");
    EXPECT_EQ(response->body.find("as asked"), std::string::npos);
    EXPECT_NE(publish("refuse bad_signature")->body.find("as asked"), std::string::npos);
}

TEST_F(RestApiTest, ForgottenRequestIsAnsweredAnyway) { expect_problem(publish("forget"), 500, "internal"); }

TEST_F(RestApiTest, ProposalIsSubmittedOrEvaluated) {
    const auto submitted = me->post("/v1/transactions", as_bytes("proposal"), kCose);
    EXPECT_EQ(submitted->status, 200);
    EXPECT_EQ(parsed(*submitted).at("id"), json::value(crypto::sha256(as_bytes("proposal")).hex()));
    const auto accepted = me->post("/v1/transactions?wait=accepted", as_bytes("another"), kCose);
    EXPECT_EQ(accepted->status, 202);
    const auto evaluated = me->post("/v1/queries", as_bytes("question"), kCose);
    EXPECT_EQ(parsed(*evaluated).at("evaluated"), 8);
    expect_problem(me->post("/v1/queries", as_bytes("refuse bad_signature"), kCose), 422, "bad_signature");
}

TEST_F(RestApiTest, AnAttestedAnswerIsAFile) {
    const auto attested = me->post("/v1/queries?attest=true", as_bytes("question"), kCose);
    EXPECT_EQ(attested->body, "attested: question");
    EXPECT_EQ(attested->header("Content-Type"), "application/cbor");
    expect_problem(me->post("/v1/queries?attest=true", as_bytes("refuse not_kept"), kCose), 410, "not_kept");
    EXPECT_EQ(parsed(*me->post("/v1/queries?attest=false", as_bytes("question"), kCose)).at("evaluated"), 8);
}

TEST_F(RestApiTest, APathIsAttestedWithTheSignedQuestionOfTheSameThing) {
    const auto question = [&](const char* function, const char* arguments) {
        return chaincode::sign_proposal(client_member.key, client_member.chain,
                                        {"main", "registry", function, arguments, {}, {}, now_ms()});
    };
    const auto asked = question("get_device", R"({"id":"meter-1"})");
    const auto path = "/v1/devices/meter-1?attest=true&question=";
    EXPECT_EQ(me->get(path + to_base64url(asked))->body, "attested: " + std::string(as_text(asked)));
    expect_problem(me->get("/v1/devices/meter-1?attest=true"), 400, "invalid_argument");
    expect_problem(me->get(path + std::string("!!")), 400, "malformed");
    for (const auto& other : {question("get_device", R"({"id":"meter-2"})"),
                              question("timeline", R"({"id":"meter-1"})"), question("get_device", "{}")})
        expect_problem(me->get(path + to_base64url(other)), 400, "invalid_argument");
    EXPECT_EQ(get_json("/v1/devices/meter-1").at("arguments"), json::object({{"id", "meter-1"}}))
        << "what an attested answer needs is no argument of the function";
}

TEST_F(RestApiTest, UnknownTransactionIsUnknownAndHasNoReceipt) {
    const std::string id(64, 'a');
    EXPECT_EQ(get_json("/v1/transactions/" + id).at("state"), "unknown");
    expect_problem(me->get("/v1/transactions/" + id + "/receipt"), 404, "not_found");
    expect_problem(me->get("/v1/transactions/" + id + "/raw"), 404, "not_found");
    expect_problem(me->get("/v1/transactions/abc"), 400, "invalid_argument");
}

TEST_F(RestApiTest, BlocksComeOneByOneAndInPages) {
    for (int i = 0; i < 25; ++i) ASSERT_TRUE(publish("record " + std::to_string(i)));
    EXPECT_EQ(get_json("/v1/blocks/3").at("transactions"), 1);
    EXPECT_FALSE(get_json("/v1/blocks/3?header_only=true").contains("transactions"));
    expect_problem(me->get("/v1/blocks/26"), 404, "not_found");
    expect_problem(me->get("/v1/blocks/-1"), 400, "invalid_argument");
    expect_problem(me->get("/v1/blocks/three"), 400, "invalid_argument");

    const auto page = get_json("/v1/blocks?from=20&limit=3");
    EXPECT_EQ(page.at("height"), 25);
    ASSERT_EQ(page.at("blocks").as_array().size(), 3U);
    EXPECT_EQ(page.at("blocks").at(0).at("number"), 20);
    EXPECT_EQ(page.at("next"), 23);
    const auto last = get_json("/v1/blocks?from=23&header_only=true");
    EXPECT_EQ(last.at("blocks").as_array().size(), 3U);
    EXPECT_FALSE(last.contains("next"));
    EXPECT_EQ(get_json("/v1/blocks").at("blocks").as_array().size(), 10U);
    EXPECT_TRUE(get_json("/v1/blocks?from=9223372036854775807").at("blocks").as_array().empty());
}

TEST_F(RestApiTest, CheckpointsAndTheirConsistency) {
    ASSERT_TRUE(publish("one"));
    EXPECT_EQ(get_json("/v1/checkpoints/latest").at("block"), 1);
    EXPECT_EQ(get_json("/v1/checkpoints/0").at("block"), 0);
    expect_problem(me->get("/v1/checkpoints/9"), 404, "not_found");
    const auto proof = get_json("/v1/checkpoints/1/consistency?from=0");
    EXPECT_EQ(proof.at("from"), 0);
    EXPECT_EQ(proof.at("to"), 1);
    expect_problem(me->get("/v1/checkpoints/1/consistency?from=2"), 400, "invalid_argument");
    expect_problem(me->get("/v1/checkpoints/1/consistency"), 400, "invalid_argument");
}

TEST_F(RestApiTest, DeviceRoutesAreContractQueriesWithTypedArguments) {
    const std::vector<std::tuple<std::string, std::string, json::object>> expected = {
        {"/v1/devices", "registry.list_devices", {}},
        {"/v1/devices?status=suspended&limit=5&cursor=c%2F1",
         "registry.list_devices",
         {{"status", "suspended"}, {"limit", 5}, {"cursor", "c/1"}}},
        {"/v1/devices/dev%2F7", "registry.get_device", {{"id", "dev/7"}}},
        {"/v1/devices/dev-7/timeline", "registry.timeline", {{"id", "dev-7"}}},
        {"/v1/devices/dev-7/days?from=1&to=2&fields=energy,power",
         "data.days",
         {{"device", "dev-7"}, {"from", 1}, {"to", 2}, {"fields", {"energy", "power"}}}},
        {"/v1/devices/dev-7/liveness", "data.liveness", {{"device", "dev-7"}}},
        {"/v1/devices/dev-7/gaps?from=1&to=2", "data.gaps", {{"device", "dev-7"}, {"from", 1}, {"to", 2}}},
        {"/v1/devices/dev-7/series?from=1&to=2", "data.series", {{"device", "dev-7"}, {"from", 1}, {"to", 2}}},
    };
    for (const auto& [path, call, arguments] : expected) {
        const auto answer = get_json(path);
        EXPECT_EQ(answer.at("call"), json::value(call)) << path;
        EXPECT_EQ(answer.at("arguments").as_object(), arguments) << path;
        EXPECT_EQ(answer.at("as"), "meters-1");
    }
    expect_problem(me->get("/v1/devices/unknown/liveness"), 404, "unknown_device");
}

TEST_F(RestApiTest, ParametersAreCheckedAndNamed) {
    const std::vector<std::pair<std::string, std::string>> refused = {
        {"/v1/devices?colour=red", "\\\"colour\\\" is not a parameter"},
        {"/v1/devices?limit=5&limit=6", "\\\"limit\\\" is given twice"},
        {"/v1/devices?limit=five", "\\\"limit\\\" must be an integer"},
        {"/v1/devices?limit=99999999999999999999", "\\\"limit\\\" must be an integer"},
        {"/v1/devices?status=asleep", "\\\"status\\\" must be one of active, suspended"},
        {"/v1/devices/dev-7/days?from=1", "\\\"to\\\" is missing"},
        {"/v1/devices/dev-7?id=other", "\\\"id\\\" is not a parameter"},
        {"/v1/blocks?header_only=yes", "\\\"header_only\\\" must be true or false"},
        {"/v1/blocks?limit=-1", "\\\"limit\\\" must not be negative"},
    };
    for (const auto& [path, sentence] : refused) {
        const auto response = me->get(path);
        expect_problem(response, 400, "invalid_argument");
        EXPECT_NE(response->body.find(sentence), std::string::npos) << response->body;
    }
    expect_problem(me->post("/v1/records?wait=forever", as_bytes("x"), kCose), 400, "invalid_argument");
}

TEST_F(RestApiTest, ContractsAreListedWithTheirSchemas) {
    const auto contracts = get_json("/v1/contracts").at("contracts").as_array();
    ASSERT_EQ(contracts.size(), 2U);
    EXPECT_EQ(contracts[1].at("name"), "data");
    const auto one = get_json("/v1/contracts/registry");
    EXPECT_EQ(one.at("functions").at(0).at("name"), "get_device");
    EXPECT_EQ(one.at("functions").at(0).at("arguments").at("required").at(0), "id");
    expect_problem(me->get("/v1/contracts/none"), 404, "unknown_contract");
}

TEST_F(RestApiTest, ContractQueryTakesJsonArguments) {
    const auto post = [&](std::string_view path, std::string_view body) {
        return me->post(path, as_bytes(body), "application/json; charset=utf-8");
    };
    const auto answer = post("/v1/contracts/data/days", R"({"device":"dev-7","from":1,"to":2})");
    EXPECT_EQ(parsed(*answer).at("call"), "data.days");
    EXPECT_EQ(parsed(*answer).at("arguments").at("to"), 2);
    EXPECT_EQ(post("/v1/contracts/registry/list_devices", "")->status, 200);
    expect_problem(post("/v1/contracts/data/publish", "{}"), 400, "unsupported");
    expect_problem(post("/v1/contracts/data/forget", "{}"), 404, "unknown_function");
    expect_problem(post("/v1/contracts/none/days", "{}"), 404, "unknown_contract");
    expect_problem(post("/v1/contracts/data/days", "[1]"), 400, "invalid_argument");
    expect_problem(post("/v1/contracts/data/days", "{\"from\":1.5}"), 400, "malformed");
}

TEST_F(RestApiTest, OnlySomeRolesPublish) {
    for (const std::string role : {"client", "peer", "admin"}) {
        auto member = client_as(authority.member("m", role));
        EXPECT_EQ(member.post("/v1/records", as_bytes("by a " + role), kCose)->status, 200) << role;
    }
    for (const std::string role : {"auditor", "orderer"}) {
        auto member = client_as(authority.member("m", role));
        expect_problem(member.post("/v1/records", as_bytes("by an " + role), kCose), 403, "permission_denied");
        EXPECT_EQ(member.get("/v1/blocks")->status, 200);
    }
}

TEST_F(RestApiTest, WrongMethodNamesTheRightOnes) {
    auto response = me->send("DELETE", "/v1/blocks/1", {}, {});
    expect_problem(response, 405, "unsupported");
    EXPECT_EQ(response->header("Allow"), "GET, HEAD, OPTIONS");
    response = me->get("/v1/records");
    expect_problem(response, 405, "unsupported");
    EXPECT_EQ(response->header("Allow"), "POST, OPTIONS");
    response = me->send("BREW", "/version", {}, {});
    expect_problem(response, 405, "unsupported");
}

TEST_F(RestApiTest, OptionsTellsTheMethods) {
    const auto response = me->send("OPTIONS", "/v1/checkpoints/latest", {}, {});
    EXPECT_EQ(response->status, 204);
    EXPECT_EQ(response->header("Allow"), "GET, HEAD, OPTIONS");
    EXPECT_TRUE(response->body.empty());
}

TEST_F(RestApiTest, UnknownPathIsNotFound) {
    for (const std::string path : {"/v1", "/v1/", "/v1/blocks/", "/v1/blocks/1/2", "/V1/blocks", "/v1/devices//days"}) {
        expect_problem(me->get(path), 404, "not_found");
    }
}

TEST_F(RestApiTest, WrongContentTypeNamesTheRightOnes) {
    const auto response = me->post("/v1/records", as_bytes("x"), "application/json");
    expect_problem(response, 415, "unsupported");
    EXPECT_EQ(response->header("Accept"),
              "application/cose, application/vnd.vitro.iot-block, application/vnd.tally.ocmf");
    expect_problem(me->post("/v1/records", as_bytes("x"), ""), 415, "unsupported");
}

TEST_F(RestApiTest, StreamOfEventsNeedsAClientThatReadsIt) {
    expect_problem(me->get("/v1/events", {{"Accept", "application/json"}}), 406, "unsupported");
    expect_problem(me->get("/v1/events", {{"Accept", "text/event-stream;q=0, application/json"}}), 406, "unsupported");
}

TEST_F(RestApiTest, HeadHasTheHeadersOfGetAndNoBody) {
    const auto get = me->get("/version");
    const auto head = me->send("HEAD", "/version", {}, {});
    ASSERT_TRUE(head) << head.error().message;
    EXPECT_EQ(head->status, 200);
    EXPECT_TRUE(head->body.empty());
    EXPECT_EQ(head->header("Content-Length"), get->header("Content-Length"));
    EXPECT_EQ(me->get("/version")->body, get->body);  // the connection is still in step
}

TEST_F(RestApiTest, HealthTellsWhyNot) {
    EXPECT_EQ(get_json("/healthz").at("ok"), true);
    backend.set_healthy(false);
    const auto response = me->get("/healthz");
    EXPECT_EQ(response->status, 503);
    EXPECT_EQ(parsed(*response).at("reason"), "the disk is full");
}

TEST_F(RestApiTest, IndexLeadsToEverythingWithoutAnId) {
    const auto links = get_json("/").at("links").as_object();
    EXPECT_EQ(links.at("registry.list_devices"), "/v1/devices");
    EXPECT_EQ(links.at("openapi"), "/v1/openapi.json");
    for (const auto& link : links)
        EXPECT_NE(me->send("HEAD", link.value().as_string(), {}, {})->status, 404) << link.key();
}

TEST_F(RestApiTest, MetricsAreForMembers) {
    const auto response = me->get("/metrics");
    EXPECT_EQ(response->header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_NE(response->body.find("tally_height 1"), std::string::npos);
}

TEST_F(RestApiTest, AMonitorReadsMetricsAndHealthAndNothingElse) {
    auto monitor = client_as(authority.member("prometheus", "monitor"));
    for (const std::string path : {"/metrics", "/healthz", "/readyz"})
        EXPECT_EQ(monitor.get(path)->status, 200) << path;
    for (const std::string path : {"/v1/node", "/v1/blocks", "/v1/devices", "/v1/contracts", "/v1/events"})
        expect_problem(monitor.get(path), 403, "permission_denied");
    expect_problem(monitor.post("/v1/records", as_bytes("x"), kCose), 403, "permission_denied");
    expect_problem(monitor.post("/v1/transactions", as_bytes("x"), kCose), 403, "permission_denied");
}

TEST_F(RestApiTest, RequestIdIsTheClientsWhenItIsHarmless) {
    EXPECT_EQ(me->get("/version", {{"X-Request-Id", "job-7.a_B"}})->header("X-Request-Id"), "job-7.a_B");
    for (const auto& id :
         {std::string("has blanks"), std::string("quote\""), std::string("<script>"), std::string(65, 'a')}) {
        const auto response = me->get("/version", {{"X-Request-Id", id}});
        EXPECT_NE(response->header("X-Request-Id"), id);
        EXPECT_FALSE(response->header("X-Request-Id").empty());
    }
    EXPECT_NE(me->get("/version")->header("X-Request-Id"), me->get("/version")->header("X-Request-Id"));
}

class OpenMetricsTest : public test::GatewayTest {};

TEST_F(OpenMetricsTest, MetricsMayBeOpenOnThisHost) {
    rest_options.metrics_open_on_loopback = true;
    start();
    auto stranger = anonymous();
    EXPECT_EQ(stranger.get("/metrics")->status, 200);
    expect_problem(stranger.get("/v1/blocks"), 401, "unauthenticated");
}

class RateTest : public test::GatewayTest {};

TEST_F(RateTest, MemberThatAsksTooOftenIsSentAway) {
    rest_options.per_identity = {0.5, 3};
    start();
    auto busy = client();
    auto calm = client_as(authority.member("meters-2", "client"));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(busy.get("/v1/blocks")->status, 200);
    const auto response = busy.get("/v1/blocks");
    expect_problem(response, 429, "rate_limited");
    EXPECT_EQ(response->header("Retry-After"), "2");
    EXPECT_EQ(calm.get("/v1/blocks")->status, 200);
}

TEST_F(RateTest, StrangersShareTheirAddress) {
    rest_options.per_address = {0.1, 3};
    start();
    auto one = anonymous();
    auto other = anonymous();
    EXPECT_EQ(one.get("/version")->status, 200);
    expect_problem(other.get("/v1/blocks"), 401, "unauthenticated");
    expect_problem(one.get("/nowhere"), 404, "not_found");
    const auto response = other.get("/version");
    expect_problem(response, 429, "rate_limited");
    EXPECT_EQ(response->header("Retry-After"), "10");
}

TEST_F(RateTest, SignaturesOfStrangersAreNotCheckedWithoutLimit) {
    rest_options.per_address = {0.1, 2};
    start();
    for (int i = 0; i < 6; ++i) {
        auto stranger = client_as(test::Authority("Elsewhere").member("x", "client"));
        const auto response = stranger.get("/v1/blocks");
        ASSERT_TRUE(response) << response.error().message;
        EXPECT_EQ(response->status, i == 0 ? 401 : 429);
    }
    EXPECT_LE(backend.identified(), 2U);
}

}  // namespace
}  // namespace tally::gateway
