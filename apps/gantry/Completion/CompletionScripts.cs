namespace Gantry.Cli.Completion;

/// <summary>The scripts that make shells ask <c>gantry __complete</c>.</summary>
internal static class CompletionScripts
{
    /// <summary>The script of a shell.</summary>
    public static string Of(string shell) => shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        _ => Fish,
    };

    // COMP_WORDBREAKS splits words at colons (image:tag): the words are taken from the line instead, and what bash takes
    // for already typed is cut off the candidates.
    private const string Bash = """
        # bash completion for gantry: put it into /etc/bash_completion.d/gantry, or: source <(gantry completion bash)
        _gantry() {
            local line=${COMP_LINE:0:COMP_POINT} words candidate cut
            read -ra words <<< "$line"
            [[ $line == *[[:space:]] ]] && words+=("")
            local typed=${words[-1]}
            cut=""
            [[ $typed == *:* && $COMP_WORDBREAKS == *:* ]] && cut=${typed%"${typed##*:}"}
            COMPREPLY=()
            while IFS=$'\t' read -r candidate _; do
                COMPREPLY+=("${candidate#"$cut"}")
            done < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)
            [[ ${#COMPREPLY[@]} -eq 0 ]] && compopt -o default
        }
        complete -F _gantry gantry

        """;

    private const string Zsh = """
        #compdef gantry
        # zsh completion for gantry: put it into a directory of $fpath as _gantry, or: source <(gantry completion zsh)
        _gantry() {
            local -a candidates
            local name description
            while IFS=$'\t' read -r name description; do
                candidates+=("${name//:/\\:}${description:+:$description}")
            done < <("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)
            if (( ${#candidates} )); then
                _describe 'gantry' candidates
            else
                _files
            fi
        }
        compdef _gantry gantry

        """;

    private const string Fish = """
        # fish completion for gantry: put it into ~/.config/fish/completions/gantry.fish
        function __gantry_complete
            set -l words (commandline -opc) (commandline -ct)
            $words[1] __complete $words[2..-1] 2>/dev/null
        end
        complete -c gantry -f -a '(__gantry_complete)'

        """;
}
