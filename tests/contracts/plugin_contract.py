"""What every plug-in must do, whatever its point: survive YAML and another process, and explain itself."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import HealthCheck, settings

from catallaxy.agents.plugins import Plugin

__all__ = ["PluginContract", "any_input"]

#: For properties of one plug-in: plug-ins are frozen, so hypothesis may use the same fixture for every example.
any_input = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


class PluginContract:
    """Conformance tests that all plug-in points share."""

    @pytest.fixture
    def plugin(self) -> Plugin:
        raise NotImplementedError("override the fixture `plugin` with the plug-in under test")

    def test_comes_back_from_yaml_and_from_another_process(self, plugin: Plugin) -> None:
        assert type(plugin).model_validate(plugin.model_dump(mode="json")) == plugin
        assert pickle.loads(pickle.dumps(plugin)) == plugin

    def test_says_what_its_parameters_mean(self, plugin: Plugin) -> None:
        assert type(plugin).summary
        for name, declared in type(plugin).model_fields.items():
            assert declared.description, f"{name} has no sentence"
            assert isinstance(declared.json_schema_extra, dict), f"{name} has no unit"
            assert declared.json_schema_extra["unit"], f"{name} has no unit"
