"""The include rule finds what it is for, and lets through what it is not."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import include_rule


class IncludeRuleTest(unittest.TestCase):
    def faults(self, **files):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, includes in files.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("".join(f'#include "{target}"\n' for target in includes))
            return list(include_rule.faults(root))

    def faults_of_text(self, name, text):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n")
            return list(include_rule.faults(pathlib.Path(folder)))

    def test_common_may_not_know_a_service(self):
        found = self.faults(**{"common/rpc/a.h": ["waymark/bbv/v1/bbv_case.pb.h"]})
        self.assertIn("(rule 1)", found[0])

    def test_a_service_may_not_include_another(self):
        found = self.faults(**{"services/bbv/record.cc": ["services/scheduling/domain/ladder.h"]})
        self.assertIn("(rule 2)", found[0])

    def test_a_stub_of_another_belongs_in_clients(self):
        stub = "waymark/audit/v1/audit_service.grpc.pb.h"
        self.assertIn("(rule 2)", self.faults(**{"services/bbv/bbv_service.cc": [stub]})[0])
        self.assertEqual([], self.faults(**{"services/bbv/clients/audit.cc": [stub]}))

    def test_domain_code_may_not_reach_the_database_over_three_headers(self):
        found = self.faults(**{
            "services/bbv/significance.cc": ["services/bbv/significance.h"],
            "services/bbv/significance.h": ["common/ids/ids.h"],
            "common/ids/ids.h": ["common/db/database.h"],
        })
        self.assertTrue(any("significance.cc: domain code reaches" in fault for fault in found))
        self.assertTrue(all("(rule 3)" in fault for fault in found))

    def test_a_service_class_may_reach_grpc(self):
        self.assertEqual([], self.faults(**{"services/bbv/bbv_service.cc": ["grpcpp/grpcpp.h"]}))

    def test_the_tree_of_the_audit_log_is_pure(self):
        self.assertIn("(rule 3)", self.faults(**{"services/audit/merkle.cc": ["pqxx/pqxx"]})[-1])

    def test_sql_belongs_in_a_store(self):
        room = "services/workforce/people/find.cc"
        for text, what in (("txn.Exec(kFind, txn.tenant())", "Exec"),
                           ("ASSIGN_OR_RETURN(const auto row, txn.ExecRow(kOne));", "ExecRow"),
                           ("for (const pqxx::row& row : rows) {", "pqxx")):
            self.assertEqual([f"{room}:1: {what}: SQL belongs in a store file (rule 4)"],
                             self.faults_of_text(room, text))
            for store in ("services/workforce/store/people.cc", "services/audit/store.cc",
                          "services/casework/store/case_store.cc",
                          "services/workforce/people_pgtest.cc",
                          "services/workforce/testing/ground.cc"):
                self.assertEqual([], self.faults_of_text(store, text))
        self.assertEqual([], self.faults_of_text(room, "// As pqxx does it, and Exec() too."))


if __name__ == "__main__":
    unittest.main()
