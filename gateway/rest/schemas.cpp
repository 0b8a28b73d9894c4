#include "gateway/rest/schemas.h"

#include <initializer_list>
#include <string_view>
#include <utility>

namespace tally::gateway {
namespace {

namespace json = boost::json;

json::object text(std::string_view about = {}) {
    json::object schema{{"type", "string"}};
    if (!about.empty()) schema.emplace("description", about);
    return schema;
}

json::object integer(std::string_view about = {}) {
    auto schema = text(about);
    schema["type"] = "integer";
    return schema;
}

json::object boolean(std::string_view about = {}) {
    auto schema = text(about);
    schema["type"] = "boolean";
    return schema;
}

json::object one_of(std::initializer_list<std::string_view> names, std::string_view about = {}) {
    auto schema = text(about);
    schema.emplace("enum", json::array(names.begin(), names.end()));
    return schema;
}

json::object anything(std::string_view about) { return {{"description", about}}; }
json::object list_of(json::object items) { return {{"type", "array"}, {"items", std::move(items)}}; }
json::object map_of(json::object values) { return {{"type", "object"}, {"additionalProperties", std::move(values)}}; }
json::object or_null(json::object schema) { return {{"anyOf", {std::move(schema), {{"type", "null"}}}}}; }
json::object ref(std::string_view name) { return {{"$ref", "#/components/schemas/" + std::string(name)}}; }

constexpr bool kOptional = false;

struct Member {
    std::string_view name;
    json::object schema;
    bool required = true;
};

json::object record_of(std::initializer_list<Member> members) {
    json::object properties;
    json::array required;
    for (const auto& each : members) {
        properties.emplace(each.name, each.schema);
        if (each.required) required.emplace_back(each.name);
    }
    json::object schema{{"type", "object"}, {"properties", std::move(properties)}};
    if (!required.empty()) schema.emplace("required", std::move(required));
    return schema;
}

// Adds members to a record.
json::object with(json::object schema, json::object more) {
    for (auto& [name, member] : more.at("properties").as_object())
        schema.at("properties").as_object().emplace(name, std::move(member));
    if (auto* required = more.if_contains("required")) {
        if (!schema.contains("required")) schema.emplace("required", json::array());
        for (auto& name : required->as_array()) schema.at("required").as_array().push_back(std::move(name));
    }
    return schema;
}

constexpr std::string_view kHash = "SHA-256, hexadecimal";

json::object signer() {
    return record_of({{"organization", text(), kOptional},
                      {"role", text(), kOptional},
                      {"name", text(), kOptional},
                      {"fingerprint", text("of the certificate, SHA-256"), kOptional},
                      {"error", text("what is wrong with the certificate, instead of the others"), kOptional}});
}

json::object block_transaction() {
    return record_of(
        {{"index", integer("in the block")},
         {"code", text("validation code")},
         {"bytes", integer("as it is stored")},
         {"id", text(kHash), kOptional},
         {"contract", text(), kOptional},
         {"function", text(), kOptional},
         {"created", text("when the proposal was signed, ISO 8601"), kOptional},
         {"creator", ref("Signer"), kOptional},
         {"arguments", anything("of the proposal"), kOptional},
         {"attachments", list_of(record_of({{"bytes", integer()}, {"sha256", text()}})), kOptional},
         {"endorsers", list_of(ref("Signer")), kOptional},
         {"result", anything("the contract's answer"), kOptional},
         {"events", list_of(record_of({{"name", text()}, {"payload", anything("as its contract declares")}})),
          kOptional},
         {"reads", integer("keys and ranges"), kOptional},
         {"writes", integer("keys and increments"), kOptional},
         {"error", text("why the transaction cannot be read"), kOptional}});
}

json::object block() {
    return record_of({{"channel", text()},
                      {"number", integer()},
                      {"hash", text(kHash)},
                      {"previous_hash", text(kHash)},
                      {"data_root", text("RFC 9162 root over the digests of the batches")},
                      {"time", text("ISO 8601")},
                      {"time_ms", integer("since 1970, UTC")},
                      {"epoch", integer()},
                      {"view", integer("in which it was proposed")},
                      {"proposer", integer("by its place in the configuration")},
                      {"transaction_count", integer()},
                      {"codes", map_of(integer())},
                      {"writer", with(signer(), record_of({{"signature", text("base64")}})), kOptional},
                      {"checkpoint", ref("Checkpoint")},
                      {"transactions", list_of(ref("BlockTransaction")), kOptional}});
}

json::object checkpoint() {
    return record_of({{"channel", text()},
                      {"block", integer()},
                      {"block_hash", text(kHash)},
                      {"tree_size", integer("leaves of the transaction log")},
                      {"root", text("of the transaction log")},
                      {"state", text("digest of the world state")},
                      {"signatures", list_of(with(signer(), record_of({{"protected", text("header, base64")},
                                                                       {"signature", text("base64")},
                                                                       {"certificate", text("DER, base64")}})))}});
}

json::object versions() {
    return record_of({{"rules", integer("level of the validation rules")},
                      {"contracts", list_of(record_of({{"contract", text()},
                                                       {"version", integer()},
                                                       {"manifest", text("of a package: SHA-256"), kOptional}}))}});
}

json::object peer() {
    return record_of({{"node", text()},
                      {"organization", text()},
                      {"roles", list_of(text())},
                      {"height", or_null(integer("as the peer reports"))},
                      {"lag", or_null(integer("blocks that it lacks"))},
                      {"knows", anything("versions that it knows, or null")},
                      {"heard_ms_ago", integer("-1: never")},
                      {"sent_bytes", integer()},
                      {"sent_messages", integer()},
                      {"received_bytes", integer()},
                      {"received_messages", integer()},
                      {"dropped", integer("the queue to it was full")},
                      {"malformed", integer()}});
}

json::object registration() {
    return record_of({{"device", text()},
                      {"certificate_chain", list_of(text("PEM, the device's own first"))},
                      {"proof", text("base64: that the organization registers it")},
                      {"fingerprint", text("of its key: SHA-256 of its SubjectPublicKeyInfo")},
                      {"authority", text("the trust anchor's fingerprint")},
                      {"authority_subject", text()},
                      {"received_ms", integer()},
                      {"expires_ms", integer()}});
}

json::object node() {
    auto ordering = record_of({{"epoch", integer()},
                               {"view", integer()},
                               {"leader", text()},
                               {"final", integer("the last final block")},
                               {"sealed", boolean("the epoch has ended")},
                               {"forgetful", boolean("it does not vote yet")},
                               {"silent", boolean("it does not vote in this view")},
                               {"pending_batches", integer()},
                               {"own_pending_bytes", integer()},
                               {"nullified_views", integer()},
                               {"evidence", integer("proofs that an orderer signed conflicting messages")}});
    return record_of({{"node", text()},
                      {"organization", text(), kOptional},
                      {"channel", text()},
                      {"version", text("of the program")},
                      {"knows", ref("Versions")},
                      {"in_force", ref("Versions")},
                      {"roles", list_of(text())},
                      {"ready", boolean()},
                      {"why_not", text()},
                      {"left_behind", boolean("no orderer keeps the block that it needs next")},
                      {"height", integer("of the last committed block")},
                      {"highest", integer("the channel's height as far as this node can know")},
                      {"block_hash", text(kHash)},
                      {"source", or_null(text("the orderer from which it fetches blocks"))},
                      {"strangers", integer("connections refused because their key is no peer's")},
                      {"ordering", or_null(std::move(ordering))},
                      {"peers", list_of(ref("Peer"))}});
}

json::object contract() {
    const auto attachment = record_of({{"about", text()}, {"optional", boolean()}});
    const auto refusal = record_of({{"code", text()}, {"kind", text()}, {"meaning", text()}, {"advice", text()}});
    const auto function = record_of({{"name", text()},
                                     {"summary", text()},
                                     {"writes", boolean()},
                                     {"roles", list_of(text())},
                                     {"callers", list_of(text())},
                                     {"visibility", one_of({"members", "parties"})},
                                     {"attachments", list_of(attachment)},
                                     {"refusals", list_of(refusal)},
                                     {"routes", list_of(text())},
                                     {"arguments", anything("JSON Schema")},
                                     {"answer", anything("JSON Schema")}});
    const auto event = record_of({{"name", text()}, {"summary", text()}, {"payload", anything("JSON Schema")}});
    return record_of({{"name", text()},
                      {"version", integer()},
                      {"summary", text()},
                      {"functions", list_of(function)},
                      {"events", list_of(event)}});
}

json::object problem() {
    return record_of({{"type", text()},
                      {"title", text()},
                      {"status", integer()},
                      {"code", text("stable, for programs")},
                      {"detail", text("for people")},
                      {"instance", text(), kOptional},
                      {"validation_code", text("of a transaction that was ordered and found invalid"), kOptional},
                      {"retry_after", integer("seconds"), kOptional}});
}

json::object transaction() {
    return record_of({{"id", text(kHash)},
                      {"state", one_of({"unknown", "pending", "committed"})},
                      {"validation_code", text(), kOptional},
                      {"block", integer(), kOptional},
                      {"index", integer(), kOptional},
                      {"result", anything("the contract's answer"), kOptional}});
}

json::object program() { return record_of({{"name", text()}, {"version", text()}, {"channel", text()}}); }

}  // namespace

json::object answer_schemas() {
    return {
        {"Block", block()},
        {"BlockPage", record_of({{"height", integer("of the channel at this node")},
                                 {"blocks", list_of(ref("Block"))},
                                 {"next", integer("the first block of the next page"), kOptional}})},
        {"BlockTransaction", block_transaction()},
        {"Checkpoint", checkpoint()},
        {"Consistency", record_of({{"from", ref("Checkpoint")},
                                   {"to", ref("Checkpoint")},
                                   {"path", list_of(text("RFC 9162, hexadecimal"))},
                                   {"receipts", list_of(text("RFC 9942, one for each signature of \"to\", base64"))}})},
        {"Contract", contract()},
        {"Contracts", record_of({{"contracts", list_of(ref("Contract"))}})},
        {"Health", record_of({{"ok", boolean()},
                              {"why", text("why not"), kOptional},
                              {"disk", text("ok, or that it is full"), kOptional},
                              {"free_bytes", integer("where the data is"), kOptional},
                              {"height", integer("of the last committed block"), kOptional},
                              {"highest", integer("the channel's height as far as this node can know"), kOptional},
                              {"orderers_heard", integer(), kOptional},
                              {"orderers_needed", integer("a quorum"), kOptional}})},
        {"Index", with(program(), record_of({{"links", map_of(text())}}))},
        {"Node", node()},
        {"Peer", peer()},
        {"Problem", problem()},
        {"Program", program()},
        {"RecordOutcome", record_of({{"content_id", text("SHA-256 of the record's payload, hexadecimal")},
                                     {"duplicate", boolean("it was on the ledger before")},
                                     {"transaction", ref("Transaction")}})},
        {"Registration", registration()},
        {"Registrations", record_of({{"registrations", list_of(ref("Registration"))}})},
        {"Signer", signer()},
        {"Snapshot", record_of({{"state", one_of({"none", "running", "done", "failed"})},
                                {"done", integer("of a running one"), kOptional},
                                {"total", integer("of a running one"), kOptional},
                                {"block", integer("of a finished one"), kOptional},
                                {"bytes", integer("of a finished one"), kOptional},
                                {"code", text("of a failed one"), kOptional},
                                {"detail", text("of a failed one"), kOptional}})},
        {"Transaction", transaction()},
        {"Versions", versions()}};
}

}  // namespace tally::gateway
