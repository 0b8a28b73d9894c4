#include "gateway/device_sdk/green_button.h"

#include <gtest/gtest.h>

namespace tally::gateway::device_sdk {
namespace {

using Values = std::vector<std::optional<std::int64_t>>;

// An entry of a feed with links and one object.
std::string feed_entry(std::string_view self, std::vector<std::pair<std::string, std::string>> links,
                       std::string_view object) {
    auto text = fmt::format("<entry><link rel=\"self\" href=\"{}\"/>", self);
    for (const auto& [rel, href] : links) text += fmt::format("<link rel=\"{}\" href=\"{}\"/>", rel, href);
    return text + fmt::format("<content>{}</content></entry>", object);
}

std::string type(int uom, int power, int flow) {
    return fmt::format(
        "<e:ReadingType><e:flowDirection>{}</e:flowDirection><e:powerOfTenMultiplier>{}</e:powerOfTenMultiplier>"
        "<e:uom>{}</e:uom></e:ReadingType>",
        flow, power, uom);
}

std::string reading(std::int64_t start, std::string_view value, int quality = 17) {
    return fmt::format(
        "<e:IntervalReading><e:ReadingQuality><e:quality>{}</e:quality></e:ReadingQuality><e:timePeriod>"
        "<e:duration>900</e:duration><e:start>{}</e:start></e:timePeriod><e:value>{}</e:value></e:IntervalReading>",
        quality, start, value);
}

std::string block(std::string_view readings) { return fmt::format("<e:IntervalBlock>{}</e:IntervalBlock>", readings); }

std::string feed(const std::string& entries) {
    return "<feed xmlns=\"http://www.w3.org/2005/Atom\" xmlns:e=\"http://naesb.org/espi\">" + entries + "</feed>";
}

MeterCsv read_feed(const std::string& text, const std::optional<ReadingType>& given = std::nullopt) {
    auto csv = read_green_button(text, given);
    EXPECT_TRUE(csv) << csv.error().message;
    return csv.value_or(MeterCsv{});
}

void refuse_feed(const std::string& text, std::string_view part, Code code = Code::malformed) {
    const auto csv = read_green_button(text);
    ASSERT_FALSE(csv);
    EXPECT_EQ(csv.error().code, code) << csv.error().message;
    EXPECT_NE(csv.error().message.find(part), std::string::npos) << csv.error().message;
}

TEST(GreenButton, LinksLeadFromABlockToItsReadingType) {
    const auto csv =
        read_feed(feed(feed_entry("/R/1", {{"related", "/R/1/Block"}, {"related", "/T/1"}}, "<e:MeterReading/>") +
                       feed_entry("/R/2", {{"related", "/R/2/Block"}, {"related", "/T/2"}}, "<e:MeterReading/>") +
                       feed_entry("/T/1", {}, type(72, -3, 1)) + feed_entry("/T/2", {}, type(72, 0, 19)) +
                       feed_entry("/R/1/Block/1", {{"up", "/R/1/Block"}},
                                  block(reading(1'777'593'600, "86400") + reading(1'777'594'500, "1"))) +
                       feed_entry("/R/2/Block/1", {{"up", "/R/2/Block"}}, block(reading(1'777'593'600, "7")))));
    EXPECT_EQ(csv.measurements.fields,
              (std::vector<chaincode::Field>{{"energy", "Wh", -3}, {"energy_reverse", "Wh", 0}}));
    EXPECT_EQ(csv.measurements.times_s, (std::vector<std::int64_t>{1'777'593'600, 1'777'594'500}));
    EXPECT_EQ(csv.measurements.values, (Values{86400, 7, 1, std::nullopt}));
    EXPECT_EQ(csv.report.interval_s, 900);
}

TEST(GreenButton, PrefixesAreTheFilesOwn) {
    const auto csv = read_feed(
        "<a:feed xmlns:a=\"http://www.w3.org/2005/Atom\" "
        "xmlns=\"http://naesb.org/espi\"><a:entry><a:content><ReadingType>"
        "<uom>42</uom></ReadingType></a:content></"
        "a:entry><a:entry><a:content><IntervalBlock><IntervalReading><timePeriod>"
        "<start>1777593600</start></timePeriod><value>5</value></IntervalReading></IntervalBlock></a:content></"
        "a:entry>"
        "</a:feed>");
    EXPECT_EQ(csv.measurements.fields, (std::vector<chaincode::Field>{{"volume", "m3", 0}}));
    EXPECT_EQ(csv.measurements.values, Values{5});
}

TEST(GreenButton, EstimatedValuesAreCountedAndMissingOnesAreNone) {
    const auto csv = read_feed(feed(feed_entry("/T", {}, type(38, 3, 1)) +
                                    feed_entry("/B", {},
                                               block(reading(1'777'593'600, "-5", 8) + reading(1'777'594'500, "6", 19) +
                                                     "<e:IntervalReading><e:timePeriod><e:start>1777595400</e:start>"
                                                     "</e:timePeriod></e:IntervalReading>"))));
    EXPECT_EQ(csv.report.estimated, 1U);
    EXPECT_EQ(csv.measurements.values, (Values{-5, 6, std::nullopt}));
    EXPECT_EQ(csv.report.missing, std::vector<std::size_t>{1});
}

TEST(GreenButton, OneTimeInTwoBlocksIsADuplicateOrAContradiction) {
    const auto csv =
        read_feed(feed(feed_entry("/T", {}, type(72, 0, 1)) + feed_entry("/B", {}, block(reading(1'777'593'600, "5"))) +
                       feed_entry("/C", {}, block(reading(1'777'593'600, "5") + reading(1'777'593'600, "6")))));
    EXPECT_EQ(csv.report.duplicates, 1U);
    EXPECT_EQ(csv.report.contradictions, 1U);
    EXPECT_EQ(csv.measurements.values, Values{5});
}

TEST(GreenButton, AFileWithoutATypeNeedsOne) {
    const auto text = feed(feed_entry("/B", {}, block(reading(1'777'593'600, "86400"))));
    refuse_feed(text, "say --reading-type");
    EXPECT_EQ(read_feed(text, ReadingType{72, -3}).measurements.fields,
              (std::vector<chaincode::Field>{{"energy", "Wh", -3}}));
}

TEST(GreenButton, WhatCannotBeReadIsNamed) {
    const auto typed = [](const std::string& object) { return feed(feed_entry("/T", {}, type(72, 0, 1)) + object); };
    refuse_feed("<x/>", "a feed of Atom");
    refuse_feed("<feed xmlns=\"http://naesb.org/espi\"/>", "a feed of Atom");
    refuse_feed(feed(""), "no IntervalBlock");
    refuse_feed(typed(feed_entry("/B", {}, block(""))), "no IntervalReading");
    refuse_feed(typed(feed_entry("/B", {}, block(reading(-1, "5")))), "before 1970");
    for (const auto value : {"5.5", "", "x", "9223372036854775808", "1 2"})
        refuse_feed(typed(feed_entry("/B", {}, block(reading(1'777'593'600, value)))), "is no whole number");
    refuse_feed(typed(feed_entry("/B", {}, block("<e:IntervalReading/>"))), "timePeriod");
    const auto of_type = [](int uom, int power) {
        return feed(feed_entry("/T", {}, type(uom, power, 1)) +
                    feed_entry("/B", {}, block(reading(1'777'593'600, "5"))));
    };
    refuse_feed(of_type(169, 0), "the unit 169", Code::unsupported);
    refuse_feed(of_type(72, 19), "power of ten");
    refuse_feed(feed(feed_entry("/T", {}, type(72, 0, 1)) + feed_entry("/U", {}, type(72, 3, 1)) +
                     feed_entry("/B", {}, block(reading(1'777'593'600, "5")))),
                "lead to none");
    refuse_feed(feed(feed_entry("/R", {{"related", "/R/B"}, {"related", "/T"}}, "<e:MeterReading/>") +
                     feed_entry("/S", {{"related", "/S/B"}, {"related", "/U"}}, "<e:MeterReading/>") +
                     feed_entry("/T", {}, type(72, 0, 1)) + feed_entry("/U", {}, type(72, 3, 1)) +
                     feed_entry("/B", {{"up", "/R/B"}}, block(reading(1'777'593'600, "5"))) +
                     feed_entry("/C", {{"up", "/S/B"}}, block(reading(1'777'593'600, "5")))),
                "a second ReadingType");
}

}  // namespace
}  // namespace tally::gateway::device_sdk
