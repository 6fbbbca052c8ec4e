using Xunit;

namespace Gantry.Tests.Unit.Cli;

/// <summary>Tables, templates and messages, byte for byte as docker's client prints them for the same answers.</summary>
public sealed class OutputOracleTests(ITestOutputHelper output)
{
    private const string Containers = """
        [{"Id":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","Names":["/web","/x/web"],"Image":"busybox","ImageID":"sha256:aaaa","Command":"sh -c 'sleep 1000000000 && echo hello'","Created":1700000000,
        "Ports":[{"IP":"0.0.0.0","PrivatePort":80,"PublicPort":8080,"Type":"tcp"},{"IP":"::","PrivatePort":80,"PublicPort":8080,"Type":"tcp"},{"PrivatePort":90,"Type":"tcp"},{"PrivatePort":91,"Type":"tcp"},{"PrivatePort":53,"Type":"udp"},{"IP":"127.0.0.1","PrivatePort":500,"PublicPort":1500,"Type":"tcp"},{"IP":"0.0.0.0","PrivatePort":7,"PublicPort":7,"Type":"udp"},{"IP":"0.0.0.0","PrivatePort":8,"PublicPort":8,"Type":"udp"}],
        "Labels":{"b":"2","a.x":"1"},"State":"running","Status":"Up 2 hours","SizeRw":12345,"SizeRootFs":123456789,"HostConfig":{"NetworkMode":"bridge"},"NetworkSettings":{"Networks":{"bridge":{}}},
        "Mounts":[{"Type":"volume","Name":"0123456789012345678901234567890123456789","Source":"/x","Destination":"/d","Driver":"local"},{"Type":"bind","Source":"/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","Destination":"/e"}]},
        {"Id":"1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","Names":["/b"],"Image":"sha256:bbbb","ImageID":"sha256:aaaa","Command":"x","Created":1763000000,"Ports":[],"Labels":{},"State":"exited","Status":"Exited (0) 3 days ago","HostConfig":{"NetworkMode":"bridge"},"NetworkSettings":{"Networks":{}},"Mounts":[]}]
        """;

    private const string Images = """
        [{"Id":"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","ParentId":"","RepoTags":["busybox:latest","localhost:5000/x/y:1"],"RepoDigests":["busybox@sha256:1111111111111111111111111111111111111111111111111111111111111111"],"Created":1700000000,"Size":4261550,"SharedSize":-1,"Containers":-1,"Labels":null},
        {"Id":"sha256:1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","ParentId":"","RepoTags":["<none>:<none>"],"RepoDigests":["<none>@<none>"],"Created":1763000000,"Size":123,"SharedSize":-1,"Containers":-1,"Labels":null},
        {"Id":"sha256:2123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","ParentId":"","RepoTags":[],"RepoDigests":["foo@sha256:2222222222222222222222222222222222222222222222222222222222222222"],"Created":1763000000,"Size":999950,"SharedSize":-1,"Containers":-1,"Labels":null}]
        """;

    private const string History = """
        [{"Id":"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","Created":1700000000,"CreatedBy":"/bin/sh -c #(nop)  CMD [\"sh\"] and something that is quite long indeed","Tags":["busybox:latest"],"Size":0,"Comment":""},
        {"Id":"<missing>","Created":1700000000,"CreatedBy":"/bin/sh -c #(nop) ADD\tfile","Tags":null,"Size":4261550,"Comment":"hi"}]
        """;

    private const string Inspected = """
        {"Id":"0123","Created":"2024","Name":"/web","RestartCount":0,"State":{"Status":"running","Running":true,"ExitCode":3,"Pid":17,"Error":"","StartedAt":"2024-01-01T00:00:00Z"},"Config":{"Env":["A=1","B=2"],"Cmd":["sh"],"Labels":{"z":"1","a":"2"},"Tty":false,"Entrypoint":null},
        "HostConfig":{"Binds":null,"Memory":536870912,"NanoCpus":0,"PortBindings":{"80/tcp":[{"HostIp":"","HostPort":"8080"}]},"ShmSize":67108864},"Mounts":[{"Type":"bind","Source":"/a","Destination":"/b","Mode":"","RW":true,"Propagation":"rprivate"},{"Type":"volume","Source":"/c","Destination":"/d","Mode":"z","RW":false,"Propagation":""}],
        "NetworkSettings":{"IPAddress":"172.17.0.2","Ports":{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"},{"HostIp":"::","HostPort":"8080"}]},"Networks":{"bridge":{"IPAddress":"172.17.0.2","Gateway":"172.17.0.1"}}}}
        """;

    private const string Usage = """
        {"LayersSize": 1234567, "Images": [{"Id": "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "ParentId": "", "RepoTags": ["busybox:latest"], "RepoDigests": [], "Created": 1700000000, "Size": 4261550, "SharedSize": 1000, "Containers": 1, "Labels": null}, {"Id": "sha256:1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "ParentId": "", "RepoTags": [], "RepoDigests": [], "Created": 1700000000, "Size": 123, "SharedSize": 0, "Containers": 0, "Labels": null}], "Containers": [{"Id": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "Names": ["/web"], "Image": "busybox", "ImageID": "sha256:aaaa", "Command": "sh -c 'sleep 1000000000 && echo hello'", "Created": 1700000000, "Ports": [], "Labels": {}, "State": "running", "Status": "Up 2 hours", "SizeRw": 12345, "SizeRootFs": 123456789, "HostConfig": {"NetworkMode": "bridge"}, "NetworkSettings": {"Networks": {"bridge": {}}}, "Mounts": [{"Type": "volume", "Name": "v", "Source": "/x", "Destination": "/d", "Driver": "local"}]}, {"Id": "1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "Names": ["/b"], "Image": "busybox", "ImageID": "sha256:aaaa", "Command": "x", "Created": 1700000000, "Ports": [], "Labels": {}, "State": "exited", "Status": "Exited (0) 3 days ago", "SizeRw": 2000, "HostConfig": {"NetworkMode": "bridge"}, "NetworkSettings": {"Networks": {}}, "Mounts": []}], "Volumes": [{"CreatedAt": "2024-01-01T00:00:00Z", "Driver": "local", "Labels": null, "Mountpoint": "/v", "Name": "vol", "Options": null, "Scope": "local", "UsageData": {"RefCount": 1, "Size": 5000}}, {"CreatedAt": "2024-01-01T00:00:00Z", "Driver": "local", "Labels": null, "Mountpoint": "/w", "Name": "vol2", "Options": null, "Scope": "local", "UsageData": {"RefCount": 0, "Size": 70000}}], "BuildCache": []}
        """;

    private const string Changes = """
        [{"Path":"/etc","Kind":0},{"Path":"/etc/new","Kind":1},{"Path":"/etc/old","Kind":2}]
        """;

    private const string Pruned = """
        {"ContainersDeleted":["aa","bb"],"SpaceReclaimed":212,"ImagesDeleted":[{"Untagged":"x:1"},{"Deleted":"sha256:00"}],"VolumesDeleted":["v"],"NetworksDeleted":["n"]}
        """;

    private const string Processes = """
        {"Titles":["UID","PID","PPID","C","STIME","TTY","TIME","CMD"],"Processes":[["root","21248","21223","0","00:37","?","00:00:00","/bin/sleep 1000"],["systemd+","1","0","99","Nov25","pts/0","1-00:00:00","a very long command line with many words"]]}
        """;

    // Version 1 of cgroups; the numbers of docker's documentation.
    private const string Sample = """
        {"read":"2026-11-26T00:37:24.434501316Z","preread":"2026-11-26T00:37:23.431583459Z","pids_stats":{"current":17},"blkio_stats":{"io_service_bytes_recursive":[{"major":8,"minor":0,"op":"Read","value":7593984},{"major":8,"minor":0,"op":"Write","value":100},{"major":8,"minor":0,"op":"Sync","value":99},{"major":254,"minor":0,"op":"write","value":5}]},
        "num_procs":0,"storage_stats":{},"cpu_stats":{"cpu_usage":{"total_usage":224224657,"percpu_usage":[3010201,221214456],"usage_in_kernelmode":0,"usage_in_usermode":10000000},"system_cpu_usage":1457930000000,"online_cpus":2,"throttling_data":{"periods":0,"throttled_periods":0,"throttled_time":0}},
        "precpu_stats":{"cpu_usage":{"total_usage":24224657,"usage_in_kernelmode":0,"usage_in_usermode":10000000},"system_cpu_usage":1455930000000,"online_cpus":2,"throttling_data":{"periods":0,"throttled_periods":0,"throttled_time":0}},
        "memory_stats":{"usage":53657600,"max_usage":3817472,"stats":{"inactive_file":7,"total_inactive_file":4096000},"limit":25276502016},"name":"/one","id":"61b4193fdc586c307f2b819f24571240a74e9efc4ed7298aff4aa608e6bff904","networks":{"eth0":{"rx_bytes":732,"tx_bytes":123456},"eth1":{"rx_bytes":5000,"tx_bytes":1}}}
        """;

    // A stopped container's.
    private const string NoSample = """
        {"read":"0001-01-01T00:00:00Z","preread":"0001-01-01T00:00:00Z","pids_stats":{},"blkio_stats":{"io_service_bytes_recursive":null},"num_procs":0,"storage_stats":{},"cpu_stats":{"cpu_usage":{"total_usage":0}},"precpu_stats":{"cpu_usage":{"total_usage":0}},"memory_stats":{},"name":"/two","id":"f20767de1c4dd47d47880093a9fe3f4d43f3f3713dc258994415d199a639dda4"}
        """;

    public static TheoryData<string, string> Lines() => new()
    {
        { Processes, "top one" },
        { Processes, "container top one -o pid" },
        { Sample, "stats --no-stream one" },
        { Sample, "stats --no-stream --no-trunc one" },
        { Sample, "stats --no-stream --format json one" },
        { Sample, "container stats --no-stream --format 'table {{.Name}}\\t{{.CPUPerc}}\\t{{.PIDs}}' one" },
        { Sample, "stats --no-stream --format '{{.Container}}|{{.BlockIO}}|{{.NetIO}}|{{.MemUsage}}|{{.MemPerc}}' one" },
        { NoSample, "stats --no-stream two" },
        { "{}", "stats --foo" },
        { """{"Warnings":null}""", "update -m 100m one" },
        { """{"Warnings":["mind the gap"]}""", "container update --cpus 1.5 one" },
        { "{}", "update one" },
        { "{}", "update" },
        { "{}", "update --restart on-failure:x one" },
        { "{}", "update --memory x one" },
        { "{}", "update --cpus 1.2345678901 one" },
        { Containers, "ps" },
        { Containers, "ps -a --no-trunc" },
        { Containers, "ps -s" },
        { Containers, "ps -q" },
        { Containers, "ps -q --no-trunc" },
        { Containers, "ps --format '{{.ID}}|{{.Names}}|{{.Image}}|{{.Command}}|{{.CreatedAt}}|{{.RunningFor}}|{{.Ports}}|{{.State}}|{{.Status}}|{{.Size}}|{{.Labels}}|{{.Mounts}}|{{.LocalVolumes}}|{{.Networks}}|{{.Platform}}|{{.Label \"a.x\"}}'" },
        { Containers, "ps --format json" },
        { Containers, "ps --format '{{json .}}'" },
        { Containers, "ps --format 'table {{.ID}}\\t{{.Names}}\\t{{.Label \"a.x\"}}'" },
        { Containers, "ps --format 'table {{upper .Image}}\\t{{.Size}}'" },
        { Containers, "ps --format '{{.Foo}}'" },
        { Containers, "ps --format '{{.ID'" },
        { Containers, "ps --format '{{foo}}'" },
        { Containers, "ps --format '{{if eq .State \"running\"}}{{.Names}}{{else}}-{{end}} {{len .Image}} {{printf \"%-8s|%5d\" .Names 7}} {{pad .Names 1 2}}|{{truncate .Image 3}}|{{join (split .Ports \", \") \"+\"}}'" },
        { Containers, "ps --foo" },
        { Containers, "ps -x" },
        { Containers, "ps a b" },
        { Containers, "ps --all=maybe" },
        { Containers, "ps --last" },
        { Containers, "ps --filter x" },
        { "[]", "ps" },
        { Images, "images" },
        { Images, "images --digests" },
        { Images, "images -q --no-trunc" },
        { Images, "images --format '{{.ID}}|{{.Repository}}|{{.Tag}}|{{.Digest}}|{{.CreatedSince}}|{{.CreatedAt}}|{{.Size}}|{{.Containers}}|{{.VirtualSize}}|{{.SharedSize}}|{{.UniqueSize}}'" },
        { Images, "images a b" },
        { History, "history x" },
        { History, "history --no-trunc x" },
        { History, "history -q x" },
        { History, "history -H=false x" },
        { History, "history --format '{{.ID}} {{.CreatedSince}} {{.CreatedAt}} {{.CreatedBy}} {{.Size}} {{.Comment}}' x" },
        { Inspected, "inspect x" },
        { Inspected, "inspect x y" },
        { Inspected, "inspect -f '{{.State.Status}} {{.State.ExitCode}} {{.State.Running}} {{.Name}}' x" },
        { Inspected, "inspect -f '{{json .Config.Labels}} {{.Config.Env}} {{.Config.Cmd}} {{.Config.Labels}}' x" },
        { Inspected, "inspect -f '{{range .Mounts}}{{.Source}}:{{.Destination}} {{end}}' x" },
        { Inspected, "inspect -f '{{range $i, $m := .Mounts}}{{if $i}},{{end}}{{$i}}={{$m.Source}}{{end}}' x" },
        { Inspected, "inspect -f '{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{$v.IPAddress}}{{end}}' x" },
        { Inspected, "inspect -f '{{(index (index .NetworkSettings.Ports \"80/tcp\") 0).HostPort}} {{index .Config.Labels \"z\"}}' x" },
        { Inspected, "inspect -f '{{.NetworkSettings.Networks.bridge.IPAddress}} {{.NetworkSettings.IPAddress}} {{.HostConfig.Memory}}' x" },
        { Inspected, "inspect -f '{{with .Config.Env}}{{len .}}{{end}} {{with .Config.Labels.nope}}x{{else}}none{{end}}' x" },
        { Inspected, "inspect -f '{{ .State.Status | upper | printf \"%q\" }} {{not true}} {{and true false}} {{or false 5}} {{eq 1 1}} {{lt 1 2}} {{ne \"a\" \"b\"}}' x" },
        { Inspected, "inspect -f '{{- .Name -}}   !' x" },
        { Inspected, "inspect -f '{{.Nope}}' x" },
        { Inspected, "inspect -f '{{.State.Nope}}' x" },
        { Inspected, "inspect -f '{{range .Mounts' x" },
        { Inspected, "inspect -f '{{range .Mounts}}x' x" },
        { Inspected, "inspect -f '{{json .Mounts}}' x" },
        { Inspected, "inspect -f json x" },
        { Usage, "system df" },
        { Usage, "system df --format json" },
        { Usage, "system df --format '{{.Type}} {{.TotalCount}} {{.Active}} {{.Size}} {{.Reclaimable}}'" },
        { Usage, "system df -v" },
        { Usage, "system df -v --format json" },
        { Usage, "system df -v --format '{{range .Images}}{{.ID}} {{.Size}};{{end}}{{len .BuildCache}}'" },
        { "{}", "system df" },
        { "{}", "system df -v" },
        { Usage, "volume ls" },
        { Usage, "volume ls -q" },
        { Usage, "volume ls --format '{{.Name}} {{.Driver}} {{.Scope}} {{.Mountpoint}} {{.Links}} {{.Size}} {{.Labels}}'" },
        { """{"Name":"made"}""", "volume create --label a=b made" },
        { "{}", "volume create a b" },
        { "{}", "volume rm a b" },
        { """{"Name":"v","Driver":"local"}""", "volume inspect -f '{{.Name}} {{.Driver}}' v" },
        { Changes, "diff x" },
        { "null", "diff x" },
        { "{}", "diff" },
        { Pruned, "container prune -f" },
        { Pruned, "image prune -f --filter until=1h" },
        { Pruned, "image prune -fa" },
        { Pruned, "volume prune -f" },
        { Pruned, "volume prune -fa --filter all=1" },
        { Pruned, "network prune -f" },
        { Pruned, "container prune" },
        { Pruned, "image prune -a" },
        { Pruned, "volume prune -a" },
        { Pruned, "network prune" },
        { "{}", "container prune -f" },
        { Pruned, "system prune --volumes --filter until=1h" },
        { """{"Id":"sha256:abcd"}""", "commit -a me -m hi -c 'CMD x' web repo:tag" },
        { """{"Id":"sha256:abcd"}""", "commit -p=false web" },
        { "{}", "commit" },
        { "{}", "commit a b c" },
        { "{}", "cp a" },
        { "{}", "cp a b" },
        { "{}", "cp a:/x b:/y" },
        { "{}", "cp a:/x /nonexistent/dir/y" },
        { "{}", "export" },
        { "{}", "export -o /nonexistent/x y" },
        { "{}", "pss" },
        { "{}", "rm" },
        { "{}", "rename a" },
        { "{}", "container foo" },
        { "{}", "exec a" },
        { "{}", "port a b c" },
        { "{}", "logs --tail" },
        { "{}", "run" },
        { "{}", "run --memroy 5 x" },
        { "{}", "exec -x a" },
        { "{}", "stop -t x a" },
        { "{}", "--hots x ps" },
        { "{}", "kill a b" },
        { "{}", "pause a" },
        { "{}", "pull B" },
        { "{}", "tag a B" },
        { "{}", "import" },
    };

    // Docker keeps an image's names in a Go map: their order is random there.
    private static string Ordered(string text, string line) =>
        line.StartsWith("images", StringComparison.Ordinal) ? string.Join('\n', text.Split('\n').Order(StringComparer.Ordinal)) : text;

    [Theory]
    [MemberData(nameof(Lines))]
    public void Prints_WhatDockerPrints(string answer, string line)
    {
        Assert.SkipUnless(File.Exists(Cli.Docker), "docker's client is not installed");
        using var engine = new FakeEngine(_ => FakeEngine.Response.Json(answer));
        string[] arguments = ["-H", engine.Host, .. Cli.Split(line.Replace("\\\"", "\"", StringComparison.Ordinal))];
        var docker = Cli.RunDocker(arguments);
        var gantry = Cli.Gantry(arguments);
        output.WriteLine($"docker {docker.Code}\n{docker.Out}{docker.Error}\ngantry {gantry.Code}\n{gantry.Out}{gantry.Error}");
        Assert.Equal(Ordered(docker.Out, line), Ordered(gantry.Out, line));
        Assert.Equal(docker.Code, gantry.Code);
        Assert.Equal(docker.Error.Split('\n')[0], gantry.Error.Split('\n')[0]);
    }
}
