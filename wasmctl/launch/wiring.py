"""The files that an Envoy is started on: the configuration of a run, its modules beside it."""

from dataclasses import dataclass
from pathlib import Path

from wasmctl import files
from wasmctl.envoy import proxy
from wasmctl.envoy.bootstrap import encoded
from wasmctl.envoy.clusters import Protocol, Server
from wasmctl.envoy.engines.base import ADMIN, Address, Site, TcpAddress
from wasmctl.envoy.plugin_config import Json, PluginSettings, RemoteCode
from wasmctl.envoy.proxy import Placed, Proxy
from wasmctl.errors import UsageError
from wasmctl.launch import changes, folder, upstreams
from wasmctl.launch.order import Order
from wasmctl.launch.plugins import Deployed

_CODE_CLUSTER = "wasmctl-code"


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """Writes into a run's folder what Envoy reads, in the words of the site.

    Attributes:
        code_server: where modules are served; None: Envoy reads their files.

    """

    order: Order
    site: Site
    folder: Path
    code_server: TcpAddress | None = None

    def configuration(self) -> Json:
        """Return the bootstrap configuration, with all changes that are asked for."""
        found = proxy.bootstrap(self._proxy())
        for source, text in self.order.patches:
            found = changes.patched(found, text, source)
        for assignment in self.order.values:
            found = changes.with_value(found, assignment)
        return found

    def write(self) -> None:
        """Write everything. Raises FilesError where there is no place."""
        for plugin in self.order.plugins:
            self.write_plugin(plugin)
        files.write(self.folder / folder.BOOTSTRAP, encoded(self.configuration()))

    def write_plugin(self, plugin: Deployed) -> None:
        """Write a plugin's module, and where it is discovered, that it is this one now."""
        code = self.folder / folder.MODULES / code_name(plugin)
        if not code.exists():
            files.write(code, plugin.plugin.content)
        placed = self._placed(plugin)
        if placed.discovery:
            content = proxy.discovered(placed, plugin.plugin.digest)
            files.write(self._discovery(plugin), encoded(content))

    def _proxy(self) -> Proxy:
        order = self.order
        others = [upstreams.server(one, self.site, self.folder) for one in order.clusters]
        if self.code_server:
            others.append(self._code_cluster(self.code_server))
        first = order.upstream
        return Proxy(
            listen=self.site.listen(proxy.LISTENER, order.port),
            admin=self.site.listen(ADMIN, order.admin_port),
            plugins=[self._placed(plugin) for plugin in order.plugins],
            upstream=upstreams.server(first, self.site, self.folder) if first else None,
            others=others,
        )

    def _placed(self, plugin: Deployed) -> Placed:
        discovery = None
        if self.order.reload:
            if plugin.kind not in proxy.DISCOVERED:
                raise UsageError(
                    f"--reload: a plugin of the kind {plugin.kind} cannot be replaced in Envoy",
                    hint="start it again; http and network plugins can be replaced",
                )
            discovery = self.site.path(self._discovery(plugin))
        return Placed(settings=self._settings(plugin), kind=plugin.kind, discovery=discovery)

    def _discovery(self, plugin: Deployed) -> Path:
        return self.folder / "discovery" / f"{plugin.name}.json"

    def _settings(self, plugin: Deployed) -> PluginSettings:
        return PluginSettings(
            name=plugin.name,
            code=self._code(plugin),
            configuration=plugin.configuration,
            root_id=plugin.root_id,
            vm_id=plugin.vm_id,
            environment=plugin.environment,
            capabilities=plugin.capabilities,
            failure_policy=plugin.failure_policy,
        )

    def _code(self, plugin: Deployed) -> Path | RemoteCode:
        name = code_name(plugin)
        if self.code_server is None:
            return Path(self.site.path(self.folder / folder.MODULES / name))
        return RemoteCode(
            url=f"http://{self.code_server}/{name}",
            cluster=_CODE_CLUSTER,
            sha256=name.removesuffix(".wasm"),
        )

    def _code_cluster(self, server: TcpAddress) -> Server:
        where: Address = self.site.server(server)
        return Server(name=_CODE_CLUSTER, address=where, protocol=Protocol.HTTP1)


def code_name(plugin: Deployed) -> str:
    """Return the file name of a plugin's module: its digest, so that new bytes are a new file."""
    return plugin.plugin.digest.removeprefix("sha256:") + ".wasm"
