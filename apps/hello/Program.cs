// The program of the image "hello": says what just happened and what to try next.
Console.Out.Write(
    """

    Hello from Gantry: this text comes from inside a container.

    What just happened:
      1. gantry asked the engine, gantryd, to run the image "hello".
      2. The engine has that image built in; any other it would have pulled from a registry.
      3. It gave the container a filesystem, a network and limits of its own, and started a monitor for it.
      4. The monitor started this program, isolated, and its output came back to your terminal.
    All of it took a few milliseconds, and nothing was installed.

    What to try next:
      gantry run -it --rm debian bash            a shell in another Linux
      gantry run -d --name web -p 8080:80 nginx  a web server; then open http://127.0.0.1:8080
      gantry ps                                  what is running
      gantry logs -f web                         what it says
      gantry exec -it web sh                     a look inside
      gantry rm -f web                           away with it


    """);
return 0;
